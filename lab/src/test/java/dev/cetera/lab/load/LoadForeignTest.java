package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Every workload on a real member: each is served, without errors.
class LoadForeignTest {
    @Test
    void everyWorkloadIsServedWithoutErrors(@TempDir Path dir) throws Exception {
        Path csv = dir.resolve("results.csv");
        try (Member member = Member.in(dir, "m1")) {
            member.start(Program.underTest());
            int code = new CommandLine(new Bench())
                    .execute(
                            "--endpoints=" + member.endpoint(),
                            "--pid=" + member.pid(),
                            "--clients=8",
                            "--conns=2",
                            "--keys=200",
                            "--list-keys=100",
                            "--watchers=20",
                            "--history=500",
                            "--duration=0.3",
                            "--warm-up=0",
                            "--csv=" + csv);
            assertThat(code).isZero();
        }
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(1 + Workload.values().length + 3);
        assertThat(lines.subList(1, lines.size())).allSatisfy(line -> {
            assertThat(Long.parseLong(line.split(",", -1)[2])).as(line).isPositive();
        });
    }
}
