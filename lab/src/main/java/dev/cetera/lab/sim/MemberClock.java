package dev.cetera.lab.sim;

import dev.cetera.node.Time;

/// The clocks of one member: the monotonic one goes at a rate of its own, the wall clock jumps besides.
/// Confined.
final class MemberClock implements Time {
    private static final long ORIGIN = 1_000 * Timeline.SECOND;
    private static final long UNIX_ORIGIN = 1_700_000_000 * Timeline.SECOND;

    private final Timeline timeline;

    /// In millionths of the true rate.
    private final long rate;

    private long jump;

    MemberClock(Timeline timeline, long rate) {
        this.timeline = timeline;
        this.rate = rate;
    }

    @Override
    public long nanos() {
        return at(timeline.now());
    }

    /// What it showed or will show at a true time.
    long at(long trueNanos) {
        return ORIGIN + trueNanos / 1_000_000 * rate + trueNanos % 1_000_000 * rate / 1_000_000;
    }

    @Override
    public long unixNanos() {
        return UNIX_ORIGIN + nanos() + jump;
    }

    void jump(long nanos) {
        jump += nanos;
    }

    /// How much true time passes while this clock counts so much.
    long trueNanos(long own) {
        return own * 1_000_000 / rate;
    }
}
