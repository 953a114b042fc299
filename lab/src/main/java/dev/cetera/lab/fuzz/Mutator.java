package dev.cetera.lab.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Makes one input after the other out of those that are there. Confined. The same seed and the same pools
/// make the same inputs.
final class Mutator {
    /// Inputs may grow to this beyond the longest seed.
    private static final int MAX_GROWTH = 64 << 10;

    private final FuzzTarget target;
    private final Random random;
    private final int maxLength;

    Mutator(FuzzTarget target, Random random) {
        this.target = target;
        this.random = random;
        this.maxLength =
                target.seeds().stream().mapToInt(seed -> seed.length).max().orElse(0) + MAX_GROWTH;
    }

    /// @param pool not empty
    byte[] next(List<byte[]> pool) {
        byte[] input = pool.get(random.nextInt(pool.size()));
        if (random.nextInt(16) == 0) {
            input = splice(input, pool.get(random.nextInt(pool.size())));
        }
        // Mostly one: what is broken twice is refused for the first thing.
        int changes = random.nextInt(3) == 0 ? 2 + random.nextInt(6) : 1;
        for (int i = 0; i < changes; i++) {
            byte[] changed = mutation().apply(input, random);
            input = changed.length <= maxLength ? changed : input;
        }
        return random.nextBoolean() ? target.repair().apply(input) : input;
    }

    private Mutation mutation() {
        var own = target.mutations();
        return own.isEmpty() || random.nextInt(4) == 0 ? Havoc.ONCE : own.get(random.nextInt(own.size()));
    }

    private byte[] splice(byte[] head, byte[] tail) {
        byte[] begin = Arrays.copyOf(head, random.nextInt(head.length + 1));
        byte[] end = Arrays.copyOfRange(tail, random.nextInt(tail.length + 1), tail.length);
        return Havoc.insert(begin, begin.length, end);
    }
}
