package dev.cetera.lab.load;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Results as bars: a row for each workload, a column for each figure, a bar for each server. Bars are
/// comparable within their cell only, because workloads differ by orders of magnitude.
final class Plot {
    private static final int LEFT = 170;
    private static final int CELL = 230;
    private static final int BAR = 14;
    private static final int TOP = 76;
    private static final int GAP = 14;
    private static final int LABEL = 80;
    private static final String[] COLOURS = {"#1b7f5c", "#b0b7c3", "#d98b3a", "#5577aa"};

    /// A figure to draw.
    private record Column(String title, String format, ToDoubleFunction<Result> value) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("operations a second (more is better)", "%,.0f", Result::perSecond),
            new Column("server CPU, us an operation (less is better)", "%.1f", Result::serverMicrosPerOperation),
            new Column("p50, ms (less is better)", "%.2f", result -> result.millisAt(50)),
            new Column("p99.9, ms (less is better)", "%.2f", result -> result.millisAt(99.9)));

    private Plot() {}

    static void write(Path file, String caption, List<Result> results) throws IOException {
        Files.writeString(file, svg(caption, results));
    }

    static String svg(String caption, List<Result> results) {
        var servers = new ArrayList<>(
                new LinkedHashSet<>(results.stream().map(Result::server).toList()));
        var workloads = new ArrayList<>(
                new LinkedHashSet<>(results.stream().map(Result::workload).toList()));
        int rowHeight = servers.size() * (BAR + 2) + GAP;
        int width = LEFT + COLUMNS.size() * CELL + 10;
        int height = TOP + workloads.size() * rowHeight + 10;
        var svg = new StringBuilder();
        line(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">",
                width,
                height);
        line(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        text(svg, 10, 20, "start", caption);
        for (int s = 0; s < servers.size(); s++) {
            line(svg, "<rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>", 10 + s * 110, colour(s));
            text(svg, 25 + s * 110, 41, "start", servers.get(s));
        }
        for (int c = 0; c < COLUMNS.size(); c++) {
            text(svg, LEFT + c * CELL, TOP - 12, "start", COLUMNS.get(c).title());
        }
        for (int w = 0; w < workloads.size(); w++) {
            String workload = workloads.get(w);
            int top = TOP + w * rowHeight;
            text(svg, LEFT - 10, top + servers.size() * (BAR + 2) / 2 + 4, "end", workload);
            for (int c = 0; c < COLUMNS.size(); c++) {
                List<Result> cell = results.stream()
                        .filter(r -> r.workload().equals(workload))
                        .toList();
                bars(svg, LEFT + c * CELL, top, COLUMNS.get(c), servers, cell);
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static void bars(
            StringBuilder svg, int left, int top, Column column, List<String> servers, List<Result> cell) {
        double most = cell.stream().mapToDouble(column.value()).max().orElse(0);
        for (Result result : cell) {
            double value = column.value().applyAsDouble(result);
            if (!Double.isFinite(value)) {
                continue;
            }
            int server = servers.indexOf(result.server());
            int y = top + server * (BAR + 2);
            double length = most == 0 ? 0 : value / most * (CELL - LABEL);
            line(
                    svg,
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                    left,
                    y,
                    length,
                    BAR,
                    colour(server));
            text(svg, left + (int) length + 4, y + BAR - 3, "start", Report.number(column.format(), value));
        }
    }

    private static String colour(int server) {
        return COLOURS[server % COLOURS.length];
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor))
                .append(escaped)
                .append("</text>\n");
    }

    @FormatMethod
    private static void line(StringBuilder svg, @FormatString String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
