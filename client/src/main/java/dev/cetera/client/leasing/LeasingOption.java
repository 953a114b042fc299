package dev.cetera.client.leasing;

import java.time.Duration;

/// How keys are owned.
///
/// @param ttl how long others wait for the keys of a process that died; at least a second
/// @param mostKeys that are owned at a time, at least 1: those that were not read for longest are given up
public record LeasingOption(Duration ttl, int mostKeys) {
    /// A minute, 10,000 keys.
    public static final LeasingOption DEFAULTS = new LeasingOption(Duration.ofSeconds(60), 10_000);

    public LeasingOption {
        if (ttl.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a lease of " + ttl);
        }
        if (mostKeys < 1) {
            throw new IllegalArgumentException("at most " + mostKeys + " keys");
        }
    }

    public LeasingOption withTtl(Duration newTtl) {
        return new LeasingOption(newTtl, mostKeys);
    }

    public LeasingOption withMostKeys(int most) {
        return new LeasingOption(ttl, most);
    }
}
