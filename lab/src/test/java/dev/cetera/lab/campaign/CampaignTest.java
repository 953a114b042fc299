package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Evidence;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A short campaign; `bin/lab campaign --minutes N` is the long one.
class CampaignTest {
    private static final long SEED = 10;
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void aClusterKeepsItsPromisesWhileItsMembersAreKilledAndFrozen() throws Exception {
        // Begins with a leader killed and one frozen.
        long seed = Long.getLong("test.seed", SEED);
        var settings = new Campaign.Settings(
                Program.underTest(), 3, Duration.ofSeconds(15), 3, ELECTION_TIMEOUT, seed, evidence.directory());
        System.out.println("seed " + seed + " (replay: -Dtest.seed=" + seed + ")");
        Report report = Campaign.run(settings, System.out::println);
        System.out.print(report);
        assertThat(report.elections()).isNotEmpty();
        // Votes can be split on a busy machine, and then a second round follows.
        assertThat(report.electionsWithin(4))
                .as("%s", report)
                .isEqualTo(report.elections().size());
    }
}
