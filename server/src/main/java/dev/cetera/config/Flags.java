package dev.cetera.config;

import dev.cetera.config.GoSyntax.BadLiteral;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Values of flags, read from arguments by the rules of Go's flag package: one dash or two, `=value` or the
/// next argument, booleans without a value of their own, and nothing after the first argument that is no flag.
/// Confined to the thread that starts the program.
final class Flags {
    private final Map<String, FlagSpec> specs = new TreeMap<>();
    private final Map<String, String> values = new HashMap<>();
    private final Set<String> set = new HashSet<>();
    private final List<String> rest = new ArrayList<>();

    /// The arguments cannot be read; the message is the one for the user.
    static final class BadFlag extends Exception {
        private static final long serialVersionUID = 1;

        BadFlag(String message) {
            super(message);
        }
    }

    /// `-h` or `-help` was among the arguments.
    static final class HelpAsked extends Exception {
        private static final long serialVersionUID = 1;
    }

    Flags(List<FlagSpec> known) {
        for (var spec : known) {
            specs.put(spec.name(), spec);
            values.put(spec.name(), spec.fallback());
        }
    }

    void parse(List<String> args) throws BadFlag, HelpAsked {
        int at = 0;
        while (at < args.size()) {
            var arg = args.get(at);
            if (arg.length() < 2 || arg.charAt(0) != '-') {
                break;
            }
            at++;
            if (arg.equals("--")) {
                break;
            }
            var body = arg.substring(arg.charAt(1) == '-' ? 2 : 1);
            if (body.startsWith("-") || body.startsWith("=")) {
                throw new BadFlag("bad flag syntax: " + arg);
            }
            int equals = body.indexOf('=');
            var name = equals < 0 ? body : body.substring(0, equals);
            var value = equals < 0 ? null : body.substring(equals + 1);
            var spec = find(name);
            if (value == null && !spec.isBoolean()) {
                if (at == args.size()) {
                    throw new BadFlag("flag needs an argument: -" + name);
                }
                value = args.get(at++);
            }
            assign(spec, value);
        }
        rest.addAll(args.subList(at, args.size()));
    }

    private FlagSpec find(String name) throws BadFlag, HelpAsked {
        var spec = specs.get(name);
        if (spec == null) {
            if (name.equals("help") || name.equals("h")) {
                throw new HelpAsked();
            }
            throw new BadFlag("flag provided but not defined: -" + name);
        }
        return spec;
    }

    private void assign(FlagSpec spec, @Nullable String given) throws BadFlag {
        var value = given == null ? "true" : given;
        try {
            set(spec.name(), value);
        } catch (BadLiteral bad) {
            var what = spec.isBoolean() ? "invalid boolean value " : "invalid value ";
            var where = spec.isBoolean() ? " for -" : " for flag -";
            throw new BadFlag(what + GoSyntax.quote(value) + where + spec.name() + ": " + bad.getMessage());
        }
    }

    /// Sets a known flag from elsewhere than the arguments.
    void set(String name, String value) throws BadLiteral {
        spec(name).check(value);
        values.put(name, value);
        set.add(name);
    }

    /// Sets a known flag to what was looked at already.
    void put(String name, String value) {
        values.put(spec(name).name(), value);
        set.add(name);
    }

    /// All known flags, by name.
    Iterable<FlagSpec> known() {
        return specs.values();
    }

    boolean isSet(String name) {
        return set.contains(name);
    }

    /// Whether a flag has another value than its default.
    boolean isChanged(String name) {
        var spec = spec(name);
        return isSet(name) && !spec.same(text(name), spec.fallback());
    }

    /// What stood behind the flags.
    List<String> rest() {
        return rest;
    }

    FlagSpec spec(String name) {
        var spec = specs.get(name);
        if (spec == null) {
            throw new IllegalArgumentException("no flag " + name);
        }
        return spec;
    }

    // ---- values; they passed the check of their kind ----

    String text(String name) {
        var value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no flag " + name);
        }
        return value;
    }

    boolean bool(String name) {
        try {
            return GoSyntax.bool(text(name));
        } catch (BadLiteral unchecked) {
            throw new IllegalStateException(unchecked);
        }
    }

    long number(String name) {
        try {
            return spec(name).kind() == FlagSpec.Kind.INT64
                    ? GoSyntax.signed(text(name))
                    : GoSyntax.unsigned(text(name));
        } catch (BadLiteral unchecked) {
            throw new IllegalStateException(unchecked);
        }
    }

    long durationNanos(String name) {
        try {
            return GoSyntax.durationNanos(text(name));
        } catch (BadLiteral unchecked) {
            throw new IllegalStateException(unchecked);
        }
    }

    List<Url> urls(String name) {
        try {
            return text(name).isEmpty() ? List.of() : Url.list(text(name));
        } catch (BadLiteral unchecked) {
            throw new IllegalStateException(unchecked);
        }
    }
}
