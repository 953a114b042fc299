package dev.cetera.ctl.command;

import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.WatchOption;
import dev.cetera.ctl.line.CommandLine;
import dev.cetera.ctl.print.GoText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What one watch is asked for: by the command line, by a line that was typed, and by the environment.
///
/// @param exec what is started for each event; empty for nothing
record WatchWords(KeyRange keys, WatchOption option, List<String> exec) {
    private static final String KEY = "ETCDCTL_WATCH_KEY";
    private static final String RANGE_END = "ETCDCTL_WATCH_RANGE_END";
    private static final String BAD_NUMBER = "bad number of arguments";

    /// @param raw the arguments before they were read, for the dashes in them
    static WatchWords of(CommandLine<Session> line, List<String> raw, Map<String, String> environment) throws Failure {
        var preset = preset(environment);
        int dashes = raw.indexOf("--");
        if (dashes >= 0 && dashes == raw.size() - 1) {
            throw Failure.badArguments(BAD_NUMBER + " (found separator --, but no commands)");
        }
        var words = line.words().subList(0, line.beforeDashes());
        if (!words.isEmpty() && !preset.isEmpty()) {
            throw Failure.badArguments(BAD_NUMBER + " (found conflicting environment key)");
        }
        var keys = preset.isEmpty() ? words : preset;
        if (keys.isEmpty()) {
            throw Failure.badArguments(BAD_NUMBER);
        }
        var exec = line.words().subList(line.beforeDashes(), line.words().size());
        return new WatchWords(range(keys, line), option(line), List.copyOf(exec));
    }

    /// Key and end of a range from the environment.
    static List<String> preset(Map<String, String> environment) throws Failure {
        var key = environment.getOrDefault(KEY, "");
        var end = environment.getOrDefault(RANGE_END, "");
        if (key.isEmpty() && !end.isEmpty()) {
            throw Failure.badArguments(KEY + " is empty but got " + RANGE_END + "=" + GoText.quoted(end));
        }
        var all = new ArrayList<String>();
        if (!key.isEmpty()) {
            all.add(key);
        }
        if (!end.isEmpty()) {
            all.add(end);
        }
        return all;
    }

    private static KeyRange range(List<String> words, CommandLine<Session> line) throws Failure {
        boolean prefix = line.flags().is("prefix");
        if (words.size() == 2) {
            if (prefix) {
                throw Failure.badArguments("`range_end` and `--prefix` are mutually exclusive");
            }
            return KeyRange.between(Key.of(words.get(0)), Key.of(words.get(1)));
        }
        return prefix ? KeyRange.prefix(words.getFirst()) : KeyRange.of(words.getFirst());
    }

    private static WatchOption option(CommandLine<Session> line) {
        var option = WatchOption.DEFAULTS.requiringLeader();
        long revision = line.flags().number("rev");
        if (revision > 0) {
            option = option.withStartRevision(revision);
        }
        return line.flags().is("prev-kv") ? option.withPrevious() : option;
    }
}
