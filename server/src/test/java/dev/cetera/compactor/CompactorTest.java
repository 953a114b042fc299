package dev.cetera.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.compactor.Compactor.Role;
import dev.cetera.config.Retention;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A clock that ticks every 100 ms, and a store whose revision is the number of ticks that have passed.
final class CompactorTest {
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long START = 1_000_000_000_000L;

    private long ticks;

    private record Asked(long atTick, long revision) {}

    private static Compactor periodic(String unit, long count) {
        long nanos = TimeUnit.valueOf(unit).toNanos(count);
        return Objects.requireNonNull(Compactor.of(new Retention.Period(nanos), START));
    }

    private static Compactor trailing(long count) {
        return Objects.requireNonNull(Compactor.of(new Retention.Revisions(count), START));
    }

    private long tick(Compactor compactor, Role role) {
        long asked = compactor.due(START + ticks * TICK, ticks + 1, role);
        ticks++;
        return asked;
    }

    /// What is asked for in so many ticks, each done at once.
    private List<Asked> all(Compactor compactor, int count) {
        var all = new ArrayList<Asked>();
        for (int i = 0; i < count; i++) {
            long at = ticks;
            long revision = tick(compactor, Role.ACTIVE);
            if (revision > 0) {
                all.add(new Asked(at, revision));
                compactor.succeeded();
            }
        }
        return all;
    }

    @Test
    void nothingCompactsWhereAllHistoryIsKept() {
        assertThat(Compactor.of(Retention.ALL, START)).isNull();
    }

    @Test
    void aShortPeriodIsKeptAndLooksBackAboutOnePeriod() {
        // Noted every 0.5 s; the first compaction after 5 s goes to the start, the others a period and a note back.
        assertThat(all(periodic("SECONDS", 5), 201))
                .containsExactly(new Asked(50, 1), new Asked(100, 46), new Asked(150, 96), new Asked(200, 146));
    }

    @Test
    void aLongPeriodIsTakenHourByHour() {
        var hour = 36_000;
        assertThat(all(periodic("HOURS", 3), 6 * hour + 1))
                .containsExactly(
                        new Asked(3L * hour, 1),
                        new Asked(4L * hour, hour - 3_600 + 1),
                        new Asked(5L * hour, 2 * hour - 3_600 + 1),
                        new Asked(6L * hour, 3 * hour - 3_600 + 1));
    }

    @Test
    void whoeverDoesNotLeadTakesNotesAndIsReadyToLead() {
        var compactor = periodic("SECONDS", 5);
        for (int i = 0; i < 73; i++) {
            assertThat(tick(compactor, Role.PASSIVE)).isZero();
        }
        // At the next note after it has begun to lead.
        assertThat(all(compactor, 10)).containsExactly(new Asked(75, 21));
    }

    @Test
    void aFailureIsTriedAgainAtTheNextNote() {
        var compactor = periodic("SECONDS", 5);
        for (int i = 0; i < 50; i++) {
            assertThat(tick(compactor, Role.ACTIVE)).isZero();
        }
        assertThat(tick(compactor, Role.ACTIVE)).isEqualTo(1);
        compactor.failed();
        assertThat(compactor.retryNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(all(compactor, 60)).containsExactly(new Asked(55, 1), new Asked(105, 51));
    }

    @Test
    void nothingIsAskedForWhileACompactionIsUnderWay() {
        var compactor = periodic("SECONDS", 5);
        ticks = 0;
        for (int i = 0; i < 51; i++) {
            var _ = tick(compactor, Role.ACTIVE);
        }
        for (int i = 0; i < 200; i++) {
            assertThat(tick(compactor, Role.ACTIVE)).isZero();
        }
        compactor.succeeded();
        assertThat(all(compactor, 10)).hasSize(1);
    }

    @Test
    void aPeriodShorterThanATickIsHeldAtTheTicksPace() {
        assertThat(all(periodic("NANOSECONDS", 5), 5))
                .extracting(Asked::revision)
                .isSorted();
    }

    @Test
    void aNumberOfRevisionsIsKeptEveryFiveMinutes() {
        assertThat(all(trailing(1_000), 9_001))
                .containsExactly(new Asked(3_000, 2_001), new Asked(6_000, 5_001), new Asked(9_000, 8_001));
    }

    @Test
    void nothingIsForgottenWhileThereAreFewerRevisions() {
        assertThat(all(trailing(5_000), 6_001)).containsExactly(new Asked(6_000, 1_001));
    }

    @Test
    void theSameRevisionIsNotCompactedTwice() {
        var compactor = trailing(10);
        long five = TimeUnit.MINUTES.toNanos(5);
        assertThat(compactor.due(START + five, 100, Role.PASSIVE)).isZero();
        assertThat(compactor.due(START + 2 * five, 100, Role.ACTIVE)).isEqualTo(90);
        compactor.failed();
        assertThat(compactor.due(START + 3 * five, 100, Role.ACTIVE)).isEqualTo(90);
        compactor.succeeded();
        assertThat(compactor.due(START + 4 * five, 100, Role.ACTIVE)).isZero();
        assertThat(compactor.due(START + 5 * five, 101, Role.ACTIVE)).isEqualTo(91);
    }

    @Test
    void theLogTellsWhatIsKept() {
        assertThat(periodic("HOURS", 1).retention()).isEqualTo("1h0m0s");
        assertThat(periodic("SECONDS", 5).retention()).isEqualTo("5s");
        assertThat(trailing(1_000).retention()).isEqualTo("1000 revisions");
        assertThat(trailing(1).retryNanos()).isEqualTo(TimeUnit.MINUTES.toNanos(5));
    }
}
