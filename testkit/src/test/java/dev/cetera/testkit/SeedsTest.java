package dev.cetera.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SeedsTest {
    @Test
    void everySeedRunsOnceInOrder() {
        var ran = new ArrayList<Long>();
        Seeds.forEach(4, ran::add);
        assertThat(ran).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void aFailureSaysHowToReplayItsSeed() {
        assertThatThrownBy(() -> Seeds.forEach(10, seed -> assertThat(seed).isLessThan(7)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-Dtest.seed=7");
    }

    @Test
    void waitingEndsWhenTheConditionHolds() {
        var calls = new AtomicInteger();
        Await.await("three calls", Duration.ofSeconds(10), () -> calls.incrementAndGet() == 3);
        assertThat(calls).hasValue(3);
    }

    @Test
    void aConditionThatNeverHoldsFailsWithWhatItThrew() {
        assertThatThrownBy(() -> Await.await("the sky falls", Duration.ofMillis(20), () -> {
                    throw new IOException("not yet");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the sky falls: not within PT0.02S")
                .hasRootCauseMessage("not yet");
    }
}
