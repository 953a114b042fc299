package dev.cetera.lab.work;

import java.util.Random;

/// What all clients of a workload share.
record Site(Stage stage, Doors doors, Profile profile, Random random, Lore lore, Recorder recorder) {
    /// Nobody asks again at once where it was just turned away.
    static final Span AFTER_FAILURE = Span.ofMillis(10, 300);

    /// True once in `of` times.
    boolean once(int of) {
        return random.nextInt(of) == 0;
    }

    /// Some calls want to be refused at once by a member without a leader.
    Exchange.Leader leader() {
        return once(4) ? Exchange.Leader.REQUIRED : Exchange.Leader.WAITED_FOR;
    }
}
