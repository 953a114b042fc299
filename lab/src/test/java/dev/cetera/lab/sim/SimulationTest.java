package dev.cetera.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SimulationTest {
    /// Every run takes fresh seeds with `-Dtest.seed=N`; without it always the same ones, so that a red build
    /// stays red.
    private static final long FIRST_SEED = Long.getLong("test.seed", 0);

    private static final int SEEDS = Integer.getInteger("cetera.seeds", 10_000);
    private static final int SEEDS_TO_NOTICE = 400;

    @BeforeAll
    static void silence() {
        SimCommand.silence();
    }

    @Test
    void everythingAcknowledgedSurvivesEveryCrash() {
        int crashes = LongStream.range(FIRST_SEED, FIRST_SEED + SEEDS)
                .parallel()
                .mapToInt(seed -> Simulation.run(seed).crashes())
                .sum();
        assertThat(crashes).isGreaterThan(SEEDS);
    }

    @Test
    void oneSeedIsTheSameEachTime() {
        assertThat(Simulation.run(7)).isEqualTo(Simulation.run(7));
    }

    @Test
    void aLogThatIsNotSyncedIsNoticed() {
        assertThat(failuresWithout(syncsOf(".wal"))).isPositive();
    }

    @Test
    void aBackendThatIsNotSyncedIsNoticed() {
        assertThat(failuresWithout(syncsOf("db"))).isPositive();
    }

    @Test
    void aSnapshotThatIsNotSyncedIsNoticed() {
        assertThat(failuresWithout(syncsOf(".snap"))).isPositive();
    }

    @Test
    void directoriesThatAreNotSyncedAreNoticed() {
        assertThat(failuresWithout(path -> path.endsWith("member") || path.endsWith("data")))
                .isPositive();
    }

    private static Predicate<Path> syncsOf(String ending) {
        return path -> path.toString().endsWith(ending);
    }

    private static long failuresWithout(Predicate<Path> syncs) {
        UnaryOperator<FakeDisk> sabotage = disk -> {
            disk.skipSyncs(syncs);
            return disk;
        };
        return LongStream.range(0, SEEDS_TO_NOTICE)
                .filter(seed -> breaks(seed, sabotage))
                .count();
    }

    private static boolean breaks(long seed, UnaryOperator<FakeDisk> sabotage) {
        try {
            Simulation.run(seed, sabotage);
            return false;
        } catch (AssertionError noticed) {
            return true;
        }
    }
}
