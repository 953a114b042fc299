package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.config.Retention;
import dev.cetera.disk.FakeDisk;
import dev.cetera.node.HandTurned.Settings;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AutoCompactionTest {
    private static void live(HandTurned member, int ticks) throws Exception {
        for (int i = 0; i < ticks; i++) {
            var _ = member.put("key", "value " + i);
            member.pass(100);
            member.engine.tick();
            member.settle();
        }
    }

    @Test
    void aLeaderForgetsWhatIsOlderThanThePeriodAndSaysSo() throws Exception {
        var kept = Settings.DEFAULTS.withRetention(new Retention.Period(TimeUnit.SECONDS.toNanos(5)));
        try (var log = new LogLines("compactor");
                var member = HandTurned.started(new FakeDisk(1), kept)) {
            live(member, 105);
            long compacted = member.engine.machine().store().view().compactRevision();
            assertThat(log.lines)
                    .containsExactly(
                            "Starting auto-compaction at revision 1 (retention: 5s)",
                            "Finished auto-compaction at revision 1",
                            "Starting auto-compaction at revision " + compacted + " (retention: 5s)",
                            "Finished auto-compaction at revision " + compacted);
            assertThat(compacted).isBetween(40L, 60L);
        }
    }

    @Test
    void whatSomebodyElseCompactedCountsAsDone() throws Exception {
        var kept = Settings.DEFAULTS.withRetention(new Retention.Revisions(10));
        try (var log = new LogLines("compactor");
                var member = HandTurned.started(new FakeDisk(1), kept)) {
            live(member, 50);
            var _ = member.compact(45);
            member.settle();
            member.pass(TimeUnit.MINUTES.toMillis(5));
            member.engine.tick();
            member.settle();
            assertThat(log.lines)
                    .containsExactly(
                            "Starting auto-compaction at revision 41 (retention: 10 revisions)",
                            "Finished auto-compaction at revision 41");
            assertThat(member.engine.machine().store().view().compactRevision()).isEqualTo(45);
        }
    }
}
