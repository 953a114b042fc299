package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Evidence;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A short campaign; `bin/lab campaign --minutes N` is the long one. Only promises are asserted: a busy
/// machine may take its time.
class CampaignTest {
    /// Begins with a crash loop of a single member, and with a snapshot that is broken off among three.
    private static final long SEED = 18;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @ParameterizedTest(name = "{0}")
    @CsvSource({"1, 6", "3, 14"})
    void aClusterKeepsItsPromisesWhileEverythingFails(int members, int seconds) throws Exception {
        long seed = Long.getLong("test.seed", SEED);
        System.out.println("seed " + seed + " (replay: -Dtest.seed=" + seed + ")");
        String report = Campaign.run(
                new Settings(
                        Program.underTest(),
                        members,
                        Duration.ZERO,
                        Duration.ofSeconds(seconds),
                        Duration.ofSeconds(1),
                        seed,
                        evidence.directory(),
                        // A test leaves no file system mounted, and needs no package that few have.
                        Set.of(),
                        Settings.Leavings.DELETED),
                System.out::println);
        System.out.println(report);
        assertThat(report).contains("1 round: all promises kept");
    }
}
