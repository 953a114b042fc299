package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.lab.check.Violation;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceTest {
    private static final History SMALL = new History(List.of(call(1)), List.of(), true, 1);
    private static final History WHOLE = new History(List.of(call(1), call(2)), List.of(), true, 1);

    @TempDir
    private Path directory = Path.of("");

    private static Operation call(int number) {
        return new Operation(
                number,
                0,
                "m1",
                PutRequest.getDefaultInstance(),
                number,
                Operation.NEVER,
                new Outcome.Unknown("no answer"));
    }

    @Test
    void aViolationLeavesTheWholeHistoryAndTheSmallestThatShowsIt() throws Exception {
        new Evidence(directory).keep(new Violation("Promise", "it was broken", SMALL), WHOLE);
        assertThat(directory.resolve("broken.txt")).content().contains("Promise: it was broken", "EvidenceTest");
        assertThat(directory.resolve("history.txt")).content().contains("#1", "#2");
        assertThat(directory.resolve("smallest.txt"))
                .content()
                .contains("Promise: it was broken", "#1")
                .doesNotContain("#2");
    }

    @Test
    void whatEndsBeforeThereIsAHistoryIsToldAllTheSame() throws Exception {
        new Evidence(directory).keep(new AssertionError("m1 ended by itself"), null);
        assertThat(directory.resolve("broken.txt")).content().contains("m1 ended by itself");
        assertThat(directory.resolve("history.txt")).doesNotExist();
    }
}
