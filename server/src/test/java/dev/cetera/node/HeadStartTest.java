package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeadStartTest {
    private static final long SECOND = 1_000_000_000;

    private final HeadStart headStart = new HeadStart(1, HandTurned.Settings.DEFAULTS.config(), 0);

    @Test
    void itIsGivenOnceWhenMoreThanOneOtherIsThere() {
        assertThat(headStart.ticks(SECOND, 0)).isZero();
        assertThat(headStart.ticks(SECOND, 1)).isZero();
        assertThat(headStart.ticks(2 * SECOND, 2)).isEqualTo(8);
        assertThat(headStart.isOpen()).isFalse();
        assertThat(headStart.ticks(2 * SECOND, 2)).isZero();
    }

    @Test
    void whoeverFindsNobodyInFiveSecondsGetsNone() {
        assertThat(headStart.ticks(5 * SECOND, 2)).isZero();
        assertThat(headStart.isOpen()).isFalse();
    }
}
