package dev.cetera.ctl.line;

import dev.cetera.ctl.print.GoText;
import java.util.ArrayList;
import java.util.List;

/// A command line that was read. Flags may stand anywhere; `--` ends them.
///
/// @param words arguments that are no flags, and everything behind `--`
/// @param beforeDashes how many of `words` stood before `--`; all of them if there was none
/// @param asks what is asked for: the command, or its help
public record CommandLine<S>(Command<S> command, Flags flags, List<String> words, int beforeDashes, Asks asks) {
    /// What a line asks for.
    public enum Asks {
        THE_COMMAND,
        HELP
    }

    static final Flag HELP = Flag.bool("help", false, "help").or("h");

    /// Finds the command that a line names, and reads its flags and words.
    ///
    /// @throws NoSuchCommandException if the first word is no command
    /// @throws UsageException if a flag is not known or has no good value
    public static <S> CommandLine<S> read(Command<S> root, List<String> line)
            throws UsageException, NoSuchCommandException {
        var rest = new ArrayList<>(line);
        var command = descend(root, rest);
        if (command.isRoot() && !command.children().isEmpty()) {
            int at = firstWord(command, rest);
            if (at >= 0) {
                throw new NoSuchCommandException(rest.get(at), command.similar(rest.get(at)));
            }
        }
        return flags(command, rest);
    }

    /// The command that a line names, whatever its flags are; the root if it names none.
    public static <S> Command<S> named(Command<S> root, List<String> line) {
        return descend(root, new ArrayList<>(line));
    }

    /// Takes the names of commands out of `rest`.
    private static <S> Command<S> descend(Command<S> root, List<String> rest) {
        var command = root;
        while (!command.children().isEmpty()) {
            int at = firstWord(command, rest);
            var next = at < 0 ? null : command.child(rest.get(at));
            if (next == null) {
                break;
            }
            command = next;
            rest.remove(at);
        }
        return command;
    }

    /// Reads flags and words of a command that is known.
    ///
    /// @throws UsageException as [#read]
    public static <S> CommandLine<S> flags(Command<S> command, List<String> line) throws UsageException {
        var known = new ArrayList<>(command.allFlags());
        known.add(HELP);
        var reader = new Reader(new Flags(known), line);
        reader.read();
        var asks = reader.flags.is(HELP.name()) ? Asks.HELP : Asks.THE_COMMAND;
        int before = reader.dashes < 0 ? reader.words.size() : reader.dashes;
        return new CommandLine<>(command, reader.flags, List.copyOf(reader.words), before, asks);
    }

    /// Index of the first argument that is neither a flag nor the value of one; -1 if there is none.
    private static int firstWord(Command<?> command, List<String> line) {
        for (int i = 0; i < line.size(); i++) {
            var each = line.get(i);
            if (each.equals("--")) {
                return -1;
            }
            if (each.startsWith("--")) {
                if (!each.contains("=") && takesValue(command, each.substring(2))) {
                    i++;
                }
            } else if (each.startsWith("-") && each.length() > 1) {
                if (each.length() == 2 && takesValue(command, each.substring(1))) {
                    i++;
                }
            } else if (!each.isEmpty()) {
                return i;
            }
        }
        return -1;
    }

    /// A flag that is not known is taken for one with a value.
    private static boolean takesValue(Command<?> command, String name) {
        if (name.equals(HELP.name()) || name.equals(HELP.shorthand())) {
            return false;
        }
        return command.allFlags().stream()
                .filter(flag -> flag.name().equals(name) || flag.shorthand().equals(name))
                .noneMatch(flag -> flag.kind() == Flag.Kind.BOOL);
    }

    private static final class Reader {
        private final Flags flags;
        private final List<String> line;
        private final List<String> words = new ArrayList<>();
        private int next;
        private int dashes = -1;

        Reader(Flags flags, List<String> line) {
            this.flags = flags;
            this.line = line;
        }

        void read() throws UsageException {
            while (next < line.size()) {
                var each = line.get(next++);
                if (each.equals("--")) {
                    dashes = words.size();
                    words.addAll(line.subList(next, line.size()));
                    return;
                }
                if (each.startsWith("--")) {
                    longFlag(each);
                } else if (each.startsWith("-") && each.length() > 1) {
                    letters(each);
                } else {
                    words.add(each);
                }
            }
        }

        private void longFlag(String argument) throws UsageException {
            var body = argument.substring(2);
            if (body.startsWith("-") || body.startsWith("=")) {
                throw new UsageException("bad flag syntax: " + argument);
            }
            int equals = body.indexOf('=');
            var name = equals < 0 ? body : body.substring(0, equals);
            var flag = flags.byName(name);
            if (flag == null) {
                throw new UsageException("unknown flag: --" + name);
            }
            if (equals >= 0) {
                give(flag, body.substring(equals + 1));
            } else if (flag.kind() == Flag.Kind.BOOL) {
                give(flag, "true");
            } else {
                give(flag, value("flag needs an argument: --" + name));
            }
        }

        private void letters(String argument) throws UsageException {
            for (int i = 1; i < argument.length(); i++) {
                char letter = argument.charAt(i);
                var flag = flags.byLetter(letter);
                if (flag == null) {
                    throw new UsageException("unknown shorthand flag: '" + letter + "' in " + argument.charAt(0)
                            + argument.substring(i));
                }
                var rest = argument.substring(i + 1);
                if (rest.startsWith("=")) {
                    give(flag, rest.substring(1));
                    return;
                }
                if (flag.kind() != Flag.Kind.BOOL) {
                    var missing = "flag needs an argument: '" + letter + "' in -" + argument.substring(i);
                    give(flag, rest.isEmpty() ? value(missing) : rest);
                    return;
                }
                give(flag, "true");
            }
        }

        private String value(String missing) throws UsageException {
            if (next == line.size()) {
                throw new UsageException(missing);
            }
            return line.get(next++);
        }

        private void give(Flag flag, String value) throws UsageException {
            try {
                flags.give(flag, value);
            } catch (IllegalArgumentException e) {
                var named =
                        flag.shorthand().isEmpty() ? "--" + flag.name() : "-" + flag.shorthand() + ", --" + flag.name();
                throw new UsageException(
                        "invalid argument " + GoText.quoted(value) + " for \"" + named + "\" flag: " + e.getMessage());
            }
        }
    }

    /// The first word of a line is no command.
    public static final class NoSuchCommandException extends Exception {
        private static final long serialVersionUID = 1;
        private final String word;
        private final transient List<String> similar;

        NoSuchCommandException(String word, List<String> similar) {
            super("unknown command \"" + word + "\"");
            this.word = word;
            this.similar = similar;
        }

        /// In etcdctl's words.
        public List<String> explained(String program) {
            var error = new ArrayList<String>();
            error.add("Error: unknown command " + GoText.quoted(word) + " for \"" + program + "\"");
            if (!similar.isEmpty()) {
                error.add("");
                error.add("Did you mean this?");
                similar.forEach(each -> error.add("\t" + each));
                error.add("");
            }
            var lines = new ArrayList<>(error);
            lines.add("Run '" + program + " --help' for usage.");
            lines.addAll(error);
            return lines;
        }
    }
}
