package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private final Result ours = result("cetera", 2_000, 1_000_000, new TreeMap<>());
    private final Result theirs = result("etcd", 1_000, 4_000_000, new TreeMap<>(Map.of("UNAVAILABLE: gone", 3L)));

    @Test
    void theTableComparesTwoServers() {
        assertThat(Report.table(List.of(ours, theirs)).lines().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "put cetera 2,000 1.00 1.00 1.00 1.00 1.00 50.0 100 200 0",
                        "put etcd 1,000 4.00 4.00 4.00 4.00 4.00 100.0 100 200 3",
                        " ratio x2.00 x0.25 x0.25 x0.25 x0.25 x0.25 x0.50 x1.00 x1.00",
                        "errors: etcd put: 3 x UNAVAILABLE: gone");
    }

    @Test
    void whatIsNotKnownOfAServerIsADash() {
        var unknown = new Result("server", "put", 1_000_000_000, new Histogram(3), new TreeMap<>(), -1, 0, -1, -1);
        assertThat(Report.table(List.of(unknown)).lines().map(line -> line.replaceAll(" +", " ")))
                .contains("put server 0 0.00 0.00 0.00 0.00 0.00 - - - 0");
    }

    @Test
    void roundsAddUp() {
        Result both = theirs.and(theirs);
        assertThat(both.operations()).isEqualTo(2_000);
        assertThat(both.perSecond()).isEqualTo(1_000);
        assertThat(both.serverMicrosPerOperation()).isEqualTo(100);
        assertThat(both.errorCount()).isEqualTo(6);
    }

    @Test
    void csvHasOneLineForEachResultUnderItsHead(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("results.csv");
        Report.writeCsv(file, List.of(ours, theirs));
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3).allMatch(line -> line.split(",", -1).length == 15);
        assertThat(lines.get(1)).startsWith("put,cetera,2000,1.000,2000.0,1.0");
    }

    @Test
    void thePlotIsWellFormedAndDrawsEveryResult() throws Exception {
        String svg = Plot.svg("a < b & c", List.of(ours, theirs));
        var document = javax.xml.parsers.DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new java.io.ByteArrayInputStream(svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        // Background, a colour sample for each server, four figures of both.
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 2 + 8);
        assertThat(svg).contains(">2,000<", ">1,000<", "a &lt; b &amp; c");
    }

    private static Result result(String server, int operations, long latencyNanos, Map<String, Long> errors) {
        var latency = new Histogram(5);
        latency.recordValueWithCount(latencyNanos, operations);
        return new Result(
                server, "put", 1_000_000_000, latency, errors, 100_000_000, 50_000_000, 100_000_000, 200_000_000);
    }
}
