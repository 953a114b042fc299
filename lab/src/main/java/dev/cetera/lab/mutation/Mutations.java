package dev.cetera.lab.mutation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// All mutations, read from the diffs in this package's resources. There,
///
///     # name-of-the-mutation
///     What goes wrong, in as many lines as it takes.
///     members 3, seeds 40, noticed by: a regular expression
///     --- path/of/the/File.java
///      a line that stays
///     -a line that goes
///     +a line that comes instead
///
/// is a mutation; a line `@@` begins another place of the same file, `---` another file. Blank lines mean
/// nothing (an empty line of a source is a single space).
public final class Mutations {
    /// What once was wrong with etcd.
    public static final String HISTORIC = "historic";

    private static final List<String> AREAS =
            List.of(HISTORIC, "raft", "log", "bolt", "store", "lease", "watch", "node", "auth");

    private static final String SUFFIX = ".diffs";

    private static final Pattern TRIAL = Pattern.compile("members (\\d+), seeds (\\d+), noticed by: (.+)");

    private Mutations() {}

    /// All there are, the historic ones first.
    public static List<Mutation> all() {
        return AREAS.stream().flatMap(area -> in(area).stream()).toList();
    }

    /// Those of one area.
    public static List<Mutation> in(String area) {
        var name = area + SUFFIX;
        try (var in = Mutations.class.getResourceAsStream(name)) {
            return parse(area, new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// @throws MutationException saying in which line the text is not as above
    static List<Mutation> parse(String area, String text) {
        return new Parser(area).parse(text);
    }

    private static final class Parser {
        private final String area;
        private final List<Mutation> mutations = new ArrayList<>();
        private int line;

        // ---- of the mutation that is being read ----
        private @Nullable String name;
        private final List<String> story = new ArrayList<>();
        private int members;
        private int seeds;
        private @Nullable Pattern noticedBy;
        private final List<Mutation.Edit> edits = new ArrayList<>();

        // ---- of the edit that is being read ----
        private @Nullable String source;
        private final StringBuilder before = new StringBuilder();
        private final StringBuilder after = new StringBuilder();

        Parser(String area) {
            this.area = area;
        }

        List<Mutation> parse(String text) {
            for (var each : text.lines().toList()) {
                line++;
                if (!each.isEmpty()) {
                    take(each);
                }
            }
            endMutation();
            return mutations;
        }

        private void take(String each) {
            var trial = TRIAL.matcher(each);
            if (each.startsWith("# ")) {
                endMutation();
                name = each.substring(2);
            } else if (name == null) {
                throw wrong("a mutation begins with '# ' and its name");
            } else if (each.startsWith("--- ")) {
                endEdit();
                source = each.substring(4);
            } else if (each.equals("@@")) {
                endEdit();
            } else if (source != null) {
                change(each);
            } else if (trial.matches()) {
                members = Integer.parseInt(trial.group(1));
                seeds = Integer.parseInt(trial.group(2));
                noticedBy = Pattern.compile(trial.group(3), Pattern.DOTALL);
            } else {
                story.add(each);
            }
        }

        private void change(String each) {
            var content = each.substring(1) + "\n";
            switch (each.charAt(0)) {
                case '-' -> before.append(content);
                case '+' -> after.append(content);
                case ' ' -> {
                    before.append(content);
                    after.append(content);
                }
                default -> throw wrong("a line of a diff begins with '-', '+' or ' '");
            }
        }

        private void endEdit() {
            if (before.isEmpty() && after.isEmpty()) {
                return;
            }
            if (source == null || before.isEmpty()) {
                throw wrong("a diff needs lines that stand in the source");
            }
            edits.add(new Mutation.Edit(source, before.toString(), after.toString()));
            before.setLength(0);
            after.setLength(0);
        }

        private void endMutation() {
            if (name == null) {
                return;
            }
            endEdit();
            if (noticedBy == null || edits.isEmpty()) {
                throw wrong(name + " needs a line 'members M, seeds N, noticed by: X' and a diff");
            }
            mutations.add(new Mutation(name, area, String.join(" ", story), members, seeds, noticedBy, edits));
            name = null;
            story.clear();
            noticedBy = null;
            edits.clear();
            source = null;
        }

        private MutationException wrong(String what) {
            return new MutationException(area + SUFFIX + ", line " + line + ": " + what);
        }
    }
}
