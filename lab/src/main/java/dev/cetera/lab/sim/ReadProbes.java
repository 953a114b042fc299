package dev.cetera.lab.sim;

import dev.cetera.api.Refusal;
import dev.cetera.node.Answer;
import java.util.List;
import java.util.Random;

/// Asks members at random up to where a linearizable read would see. A client would notice a read that misses
/// something only if it asked for just that key; here every entry that anybody had applied, and so may have
/// acknowledged, before the question must be behind the answer. Confined.
final class ReadProbes {
    private static final int PAUSE_MILLIS = 150;

    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final List<Host> hosts;

    /// The newest entry that any member has applied.
    private long applied;

    private int answered;
    private boolean over;

    /// @param hosts all there are, also later
    ReadProbes(Timeline timeline, Trace trace, Random random, List<Host> hosts) {
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.hosts = hosts;
    }

    void begin() {
        timeline.in((1 + random.nextInt(PAUSE_MILLIS)) * Timeline.MILLISECOND, () -> {
            if (!over) {
                var up = hosts.stream().filter(Host::isUp).toList();
                if (!up.isEmpty()) {
                    var host = up.get(random.nextInt(up.size()));
                    host.soon(host.life(), 0, () -> ask(host));
                }
                begin();
            }
        });
    }

    /// A member has done something.
    void look(Host host) {
        applied = Math.max(applied, host.engine().appliedIndex());
    }

    void end() {
        over = true;
    }

    /// How many were answered.
    int answered() {
        return answered;
    }

    private void ask(Host host) {
        long least = applied;
        host.engine().linearize(new Answer<>() {
            @Override
            public void done(Long index) {
                answered++;
                Truth.check(
                        index >= least,
                        () -> host + " would read at " + index + ", and " + least
                                + " was applied before the read began");
                Truth.check(
                        index <= host.engine().appliedIndex(),
                        () -> host + " would read at " + index + ", and has applied "
                                + host.engine().appliedIndex());
            }

            @Override
            public void refused(Refusal why) {
                trace.add(host.name, "refuses to say where to read:", why.text());
            }
        });
    }
}
