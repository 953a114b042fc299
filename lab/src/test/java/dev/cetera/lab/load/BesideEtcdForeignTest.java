package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A quick look, in every build, at how Cetera does beside etcd: seconds on a machine with other things to do,
/// a member that has just started. The numbers are told, not judged; that there are some is.
class BesideEtcdForeignTest {
    /// `bin/test` shows this at its end.
    private static final Path TOLD = Path.of("target", "beside-etcd.txt");

    private static final List<String> WORKLOADS = List.of("put", "range-linearizable", "txn");

    @Test
    void bothServersAreMeasuredByTheSameLoadAndFailNoRequest(@TempDir Path dir) throws Exception {
        Path csv = dir.resolve("results.csv");
        var arguments = new ArrayList<>(WORKLOADS);
        arguments.addAll(List.of(
                "--against=etcd",
                "--dir=" + dir,
                "--clients=100",
                "--connections=10",
                "--keys=1000",
                "--warm-up=3",
                "--duration=1",
                "--csv=" + csv));
        var told = Commands.run(new Bench(Commands.contenders()), arguments.toArray(String[]::new));
        assertThat(told.code()).as(told.out() + told.err()).isZero();
        Files.writeString(TOLD, told.out());

        List<String[]> rows = Files.readAllLines(csv).stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .toList();
        assertThat(rows.stream().map(row -> row[1]).distinct()).hasSize(2);
        assertThat(rows.stream().map(row -> row[0])).hasSize(6).containsAll(WORKLOADS);
        assertThat(rows).allSatisfy(row -> assertThat(Long.parseLong(row[2])).isPositive());
        assertThat(told.out().lines().filter(line -> line.strip().startsWith("ratio")))
                .hasSize(WORKLOADS.size());
    }
}
