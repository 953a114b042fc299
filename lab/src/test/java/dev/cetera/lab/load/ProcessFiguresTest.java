package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessFiguresTest {
    @Test
    void aProcessThatWorksUsesProcessorTimeAndMemory() throws Exception {
        long self = ProcessHandle.current().pid();
        ProcessFigures before = ProcessFigures.of(self);
        long busyUntil = System.nanoTime() + 300_000_000;
        long sum = 0;
        while (System.nanoTime() < busyUntil) {
            sum += System.nanoTime() % 7;
        }
        assertThat(sum).isPositive();
        ProcessFigures after = ProcessFigures.of(self);
        assertThat(after.cpuNanos()).isGreaterThan(before.cpuNanos());
        assertThat(after.residentBytes()).isGreaterThan(10_000_000);
        assertThat(after.peakBytes()).isGreaterThanOrEqualTo(after.residentBytes() / 2);
    }
}
