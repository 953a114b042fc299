package dev.cetera.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SimEvidenceTest {
    @RegisterExtension
    final Evidence evidence = new Evidence();

    @BeforeAll
    static void silence() {
        SimCommand.silence();
    }

    @Test
    void aFailureLeavesAllThatOneNeedsToSeeItAgain() throws IOException {
        var failure = LongStream.range(0, 40)
                .mapToObj(SimEvidenceTest::failure)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
        var directory = SimEvidence.write(failure, evidence.directory());
        var complaint = Files.readString(directory.resolve(SimEvidence.COMPLAINT));
        assertThat(complaint)
                .contains(String.valueOf(
                        Objects.requireNonNull(failure.getCause()).getMessage()))
                .contains("bin/lab sim --members 3 --seed " + failure.seed() + " --seeds 1")
                .contains("trace %016x".formatted(failure.remains().traceHash()))
                .contains("a replay came to the same");
        assertThat(directory.resolve(SimEvidence.TRACE)).isNotEmptyFile();
        assertThat(Files.readString(directory.resolve(SimEvidence.TRACE)))
                .as("all of the trace, up to the end")
                .contains(" m1 starts")
                .endsWith(failure.remains().lastLines());
        assertThat(directory.resolve(SimEvidence.HISTORY)).isNotEmptyFile();
        for (var member : new String[] {"m1", "m2", "m3"}) {
            assertThat(directory.resolve(SimEvidence.DISKS).resolve(member).resolve("data/member/snap/db"))
                    .isNotEmptyFile();
        }
    }

    private static @Nullable SimulationFailure failure(long seed) {
        try {
            ClusterSimulation.run(seed, 3, Sabotage.ENTRIES_NOT_PERSISTED, Trace.Reader.NOBODY);
            return null;
        } catch (SimulationFailure failed) {
            return failed;
        }
    }
}
