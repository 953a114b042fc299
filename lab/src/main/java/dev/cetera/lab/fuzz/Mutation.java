package dev.cetera.lab.fuzz;

import java.util.Random;

/// One way to change an input. The same random numbers make the same change.
@FunctionalInterface
public interface Mutation {
    /// A changed copy; the given array stays as it is.
    byte[] apply(byte[] input, Random random);
}
