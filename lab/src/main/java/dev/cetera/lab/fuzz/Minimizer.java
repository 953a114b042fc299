package dev.cetera.lab.fuzz;

import java.util.Arrays;
import java.util.function.Predicate;

/// Makes an input small that still shows the same: leaves out ever smaller pieces, then puts zeros where it
/// may. Confined.
final class Minimizer {
    private final Predicate<byte[]> shows;
    private final long deadlineNanos;

    /// @param shows  whether an input still shows what the first one did
    /// @param millis after which the smallest so far has to do
    Minimizer(Predicate<byte[]> shows, long millis) {
        this.shows = shows;
        this.deadlineNanos = System.nanoTime() + millis * 1_000_000;
    }

    byte[] minimize(byte[] input) {
        byte[] best = input;
        boolean smaller = true;
        while (smaller && !isLate()) {
            int before = best.length;
            for (int piece = Integer.highestOneBit(Math.max(1, best.length)); piece > 0 && !isLate(); piece /= 2) {
                best = withoutPieces(best, piece);
            }
            smaller = best.length < before;
        }
        return zeroed(best);
    }

    private byte[] withoutPieces(byte[] input, int piece) {
        byte[] best = input;
        for (int at = 0; at < best.length && !isLate(); ) {
            int end = Math.min(best.length, at + piece);
            byte[] shorter = Arrays.copyOf(best, best.length - (end - at));
            System.arraycopy(best, end, shorter, at, best.length - end);
            if (shows.test(shorter)) {
                best = shorter;
            } else {
                at = end;
            }
        }
        return best;
    }

    private byte[] zeroed(byte[] input) {
        byte[] best = input;
        for (int piece = Integer.highestOneBit(Math.max(1, best.length)); piece > 0; piece /= 8) {
            for (int at = 0; at < best.length && !isLate(); at += piece) {
                byte[] emptier = best.clone();
                Arrays.fill(emptier, at, Math.min(best.length, at + piece), (byte) 0);
                if (!Arrays.equals(emptier, best) && shows.test(emptier)) {
                    best = emptier;
                }
            }
        }
        return best;
    }

    private boolean isLate() {
        return System.nanoTime() - deadlineNanos > 0;
    }
}
