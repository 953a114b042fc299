package dev.cetera.lab.work;

import java.time.Duration;
import java.util.Random;

/// A range of lengths of time. Immutable.
///
/// @param least in nanoseconds, at least 0
/// @param most  in nanoseconds, inclusive
public record Span(long least, long most) {
    public Span {
        if (least < 0 || most < least) {
            throw new IllegalArgumentException("no span: " + least + " to " + most);
        }
    }

    public static Span of(Duration least, Duration most) {
        return new Span(least.toNanos(), most.toNanos());
    }

    public static Span ofMillis(long least, long most) {
        return of(Duration.ofMillis(least), Duration.ofMillis(most));
    }

    /// Any length of it; short ones more often than long ones.
    long any(Random random) {
        double skewed = random.nextDouble();
        return least + (long) ((most - least) * skewed * skewed);
    }
}
