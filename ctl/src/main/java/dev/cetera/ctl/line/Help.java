package dev.cetera.ctl.line;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The page that explains a command, laid out as etcdctl's: columns end at tab stops of eight.
public final class Help {
    private static final int TAB = 8;

    private Help() {}

    /// What brought the page up.
    public enum Shown {
        WHEN_ASKED_FOR,
        /// Nothing was asked of a group of commands; its page then also tells how to ask.
        INSTEAD_OF_A_COMMAND
    }

    public static String page(Command<?> command, String version, String apiVersion, Shown shown) {
        var page = new StringBuilder();
        section(page, "NAME", List.of(command.title() + " - " + command.summary()));
        section(page, "USAGE", List.of(command.usageLine()));
        if (command.isRoot()) {
            section(page, "VERSION", List.of(version));
        }
        if (!command.children().isEmpty()) {
            section(page, "API VERSION", List.of(apiVersion));
            page.append("\nCOMMANDS:\n");
            var rows = new ArrayList<Row>();
            list(command, "", rows);
            columns(page, "\t", rows);
            page.append('\n');
        }
        if (!command.story().isEmpty()) {
            section(page, "DESCRIPTION", command.story().strip().lines().toList());
        }
        var own = new ArrayList<>(command.ownFlags());
        if (shown == Shown.INSTEAD_OF_A_COMMAND) {
            own.add(Flag.bool("help", false, "help for " + command.name()).or("h"));
        }
        options(page, "OPTIONS", own);
        options(page, "GLOBAL OPTIONS", command.flagsFromAbove());
        return page.toString();
    }

    private record Row(String left, String right) {}

    private static void list(Command<?> group, String above, List<Row> rows) {
        for (var child : group.children()) {
            var name = above + child.name();
            if (child.action() != null) {
                rows.add(new Row(name, child.summary()));
            }
            list(child, name + " ", rows);
        }
    }

    private static void section(StringBuilder page, String title, List<String> lines) {
        page.append(title).append(":\n");
        lines.forEach(line -> page.append('\t').append(line).append('\n'));
        page.append('\n');
    }

    private static void options(StringBuilder page, String title, List<Flag> flags) {
        if (flags.isEmpty()) {
            return;
        }
        page.append(title).append(":\n");
        var rows = flags.stream()
                .sorted(Comparator.comparing(Flag::name))
                .map(flag -> new Row(flag.described(), flag.usage()))
                .toList();
        columns(page, "", rows);
        page.append('\n');
    }

    private static void columns(StringBuilder page, String indent, List<Row> rows) {
        int widest = rows.stream().mapToInt(row -> row.left().length()).max().orElse(0);
        int column = stopAfter(widest);
        for (var row : rows) {
            int tabs = (column - row.left().length() + TAB - 1) / TAB;
            page.append(indent)
                    .append(row.left())
                    .append("\t".repeat(tabs))
                    .append(row.right())
                    .append('\n');
        }
    }

    private static int stopAfter(int width) {
        return (width + 1 + TAB - 1) / TAB * TAB;
    }
}
