package dev.cetera.lab.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class ShrinkingTest {
    /// One read in the middle shows less than it should.
    private static History withAStaleRead() {
        var history = Improvised.history(Improvised.Profile.USUAL, 2);
        var operation = history.operations().stream()
                .skip(150)
                .filter(ShrinkingTest::isReadOfOneKey)
                .findFirst()
                .orElseThrow();
        if (!(operation.outcome() instanceof Outcome.Answered(RangeResponse response))) {
            throw new IllegalStateException("not a read");
        }
        return Spoiled.answer(
                history, operation, response.toBuilder().clearKvs().setCount(0).build());
    }

    private static boolean isReadOfOneKey(Operation operation) {
        return operation.outcome() instanceof Outcome.Answered(RangeResponse response)
                && response.getKvsCount() == 1
                && !Requests.isSerializable(operation.request());
    }

    @Test
    void theSmallestHistoryStillBreaksTheSamePromise() {
        var history = withAStaleRead();
        var caught = new ArrayList<Violation>();
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.check(history, Improvised.SLACK))
                .satisfies(caught::add);
        var violation = caught.getFirst();
        assertThat(violation.guarantee()).isEqualTo("StrictSerializability");
        assertThat(violation.history().operations()).hasSizeLessThan(120);
        assertThat(violation.history().watches()).isEmpty();
        assertThat(violation.getMessage()).contains(violation.complaint(), lastLine(violation.transcript()));
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(violation.history(), Improvised.SLACK))
                .satisfies(again -> assertThat(again.guarantee()).isEqualTo(violation.guarantee()));
    }

    private static String lastLine(String text) {
        return text.lines().reduce((_, last) -> last).orElseThrow();
    }

    @Test
    void aTranscriptHasALineForEachOperation() {
        var scene = new Scene()
                .does(Scene.put("a", "1").setPrevKv(true).build())
                .does(Scene.get("a"))
                .loses(Scene.delete("a"));
        assertThat(Transcript.of(scene.history())).isEqualTo("""
                        #0 0.000ms-1.000ms client 1 at m1: put a 1 --prev-kv -> rev 2, OK
                        #1 2.000ms-3.000ms client 1 at m1: get a -> rev 2, count 1: a=1 (mod 2 create 2 version 1)
                        #2 4.000ms- client 1 at m1: del a -> unknown (lost)
                        """);
    }
}
