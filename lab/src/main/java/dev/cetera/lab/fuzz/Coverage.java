package dev.cetera.lab.fuzz;

import java.util.Arrays;

/// Counts how often each place in the instrumented classes is reached, and remembers what was reached before.
/// There is one, as the instrumented code can only call something static; one thread hunts at a time, and what
/// other threads add is lost or counted without harm. Public because whoever hunts is, to the virtual machine,
/// of another package: one loaded by [InstrumentedClasses].
public final class Coverage {
    private static final int PLACES = 1 << 16;

    private static final byte[] COUNTS = new byte[PLACES];

    /// For each place, the numbers of visits seen so far, as bits: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more.
    private static final byte[] SEEN = new byte[PLACES];

    private static int reached;

    private Coverage() {}

    /// Called by instrumented code.
    public static void hit(int place) {
        int at = place & (PLACES - 1);
        if (COUNTS[at] != -1) {
            COUNTS[at]++;
        }
    }

    /// Another target is hunted.
    public static void forget() {
        Arrays.fill(SEEN, (byte) 0);
        reached = 0;
    }

    /// Another input is to be read.
    public static void begin() {
        Arrays.fill(COUNTS, (byte) 0);
    }

    /// Whether anything was reached since [#begin] that was not before, or as often; remembers it.
    public static boolean foundMore() {
        boolean more = false;
        for (int i = 0; i < PLACES; i++) {
            if (COUNTS[i] == 0) {
                continue;
            }
            int bit = bit(COUNTS[i] & 0xff);
            if ((SEEN[i] & bit) == 0) {
                reached += SEEN[i] == 0 ? 1 : 0;
                SEEN[i] |= (byte) bit;
                more = true;
            }
        }
        return more;
    }

    /// Places reached at all.
    public static int reached() {
        return reached;
    }

    private static int bit(int count) {
        return switch (count) {
            case 1, 2, 3 -> 1 << (count - 1);
            default -> count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128;
        };
    }
}
