package dev.cetera.ctl.print;

import java.util.List;
import java.util.Locale;

/// Rows under a header. Immutable.
///
/// @param header in lower case or as it is; the drawing has it in capitals
public record Table(List<String> header, List<List<String>> rows) {
    public Table {
        header = List.copyOf(header);
        rows = List.copyOf(rows);
    }

    /// A line for each row, without the header.
    public List<String> simple() {
        return rows.stream().map(row -> String.join(", ", row)).toList();
    }

    /// With a frame: headers centred, cells to the right.
    public String drawn() {
        var widths = new int[header.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    header.get(i).length(),
                    rows.stream().mapToInt(row -> width(row.get(column))).max().orElse(0));
        }
        var edge = edge(widths);
        var out = new StringBuilder(edge);
        for (int i = 0; i < widths.length; i++) {
            var title = header.get(i).toUpperCase(Locale.ROOT);
            int gap = widths[i] - title.length();
            // The odd blank of a centred title stands behind it.
            int right = gap - gap / 2;
            out.append(i == 0 ? "| " : " | ")
                    .append(" ".repeat(gap - right))
                    .append(title)
                    .append(" ".repeat(right));
        }
        out.append(" |\n").append(edge);
        for (var row : rows) {
            for (int i = 0; i < widths.length; i++) {
                out.append(i == 0 ? "| " : " | ")
                        .append(" ".repeat(widths[i] - width(row.get(i))))
                        .append(row.get(i));
            }
            out.append(" |\n");
        }
        return out.append(edge).toString();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String edge(int[] widths) {
        var out = new StringBuilder("+");
        for (int width : widths) {
            out.append("-".repeat(width + 2)).append('+');
        }
        return out.append('\n').toString();
    }
}
