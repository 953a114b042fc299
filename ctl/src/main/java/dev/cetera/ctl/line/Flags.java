package dev.cetera.ctl.line;

import dev.cetera.ctl.print.GoNumbers;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Values of a command's flags. Confined to the thread that reads the command line.
public final class Flags {
    private final Map<String, Flag> known = new HashMap<>();
    private final Map<String, String> values = new HashMap<>();
    private final Set<String> given = new HashSet<>();

    public Flags(List<Flag> flags) {
        flags.forEach(flag -> known.put(flag.name(), flag));
    }

    /// Whether it was on the command line.
    public boolean isGiven(String name) {
        return given.contains(name);
    }

    public String text(String name) {
        var flag = known.get(name);
        if (flag == null) {
            throw new IllegalArgumentException("no flag --" + name);
        }
        return values.getOrDefault(name, flag.initial());
    }

    public boolean is(String name) {
        return GoNumbers.parseBool(text(name));
    }

    public long number(String name) {
        return GoNumbers.parseLong(text(name), 0);
    }

    public Duration duration(String name) {
        return GoNumbers.parseDuration(text(name));
    }

    public List<String> list(String name) {
        var all = text(name);
        return all.isEmpty() ? List.of() : Arrays.asList(all.split(",", -1));
    }

    @Nullable
    Flag byName(String name) {
        return known.get(name);
    }

    @Nullable
    Flag byLetter(char letter) {
        for (var flag : known.values()) {
            if (flag.shorthand().equals(String.valueOf(letter))) {
                return flag;
            }
        }
        return null;
    }

    void give(Flag flag, String value) {
        flag.check(value);
        var before = values.get(flag.name());
        var repeated = flag.kind() == Flag.Kind.LIST && before != null && isGiven(flag.name());
        values.put(flag.name(), repeated ? before + "," + value : value);
        given.add(flag.name());
    }

    /// From the environment: does not count as given. False if it is no value of this flag.
    public boolean preset(Flag flag, String value) {
        try {
            flag.check(value);
        } catch (IllegalArgumentException e) {
            return false;
        }
        values.put(flag.name(), value);
        return true;
    }
}
