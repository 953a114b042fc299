package dev.cetera.lab.campaign;

import java.io.IOException;
import java.util.List;
import java.util.Random;

/// One kind of trouble.
///
/// @param share how often it happens, as a part of the sum of all shares
record Fault(String name, int share, Deed deed) {
    /// What is done to make it happen, and to end it. Members that it leaves dead are started again by others.
    @FunctionalInterface
    interface Deed {
        void happen() throws IOException, InterruptedException;
    }

    static Fault any(List<Fault> faults, Random random) {
        int dice = random.nextInt(faults.stream().mapToInt(Fault::share).sum());
        for (Fault fault : faults) {
            dice -= fault.share;
            if (dice < 0) {
                return fault;
            }
        }
        throw new IllegalStateException("the shares have changed");
    }
}
