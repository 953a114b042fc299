package dev.cetera.lab.fuzz;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// One reader of bytes from outside, and what it may do with them. Immutable.
///
/// @param name      of lower-case words
/// @param seeds     inputs that are sound; mutations begin with them
/// @param reader    reads one input, and looks at what came out
/// @param refusals  the exceptions by which the reader says no; anything else that it throws is a bug
/// @param mutations that know the form, beside the general ones
/// @param repair    makes checksums right again after a change; applied to half of the inputs
/// @param budget    what one input may cost
public record FuzzTarget(
        String name,
        List<byte[]> seeds,
        Reader reader,
        Set<Class<? extends Exception>> refusals,
        List<Mutation> mutations,
        UnaryOperator<byte[]> repair,
        Budget budget) {

    /// Reads an input.
    @FunctionalInterface
    public interface Reader {
        /// Reads all of it and says what it turned out to be, in one of few ways: an input with a new one is
        /// worth keeping.
        ///
        /// @throws Exception one of the target's refusals
        /// @throws AssertionError when what was accepted makes no sense
        String read(byte[] input) throws Exception;
    }

    /// What reading may cost.
    ///
    /// @param bytes   of heap that every input may have
    /// @param perByte of heap for each byte of the input
    /// @param millis  of processor time
    public record Budget(long bytes, long perByte, long millis) {
        /// Room for the fake disk and the oracle's own work; a reader alone needs far less.
        static final Budget USUAL = new Budget(4L << 20, 200, 2_000);

        long forInput(int length) {
            return bytes + perByte * length;
        }
    }

    public FuzzTarget {
        seeds = List.copyOf(seeds);
        refusals = Set.copyOf(refusals);
        mutations = List.copyOf(mutations);
    }

    /// A target that is mutated in general ways only, until more is said.
    static FuzzTarget of(
            String name, List<byte[]> seeds, Set<Class<? extends Exception>> refusals, FuzzTarget.Reader reader) {
        return new FuzzTarget(name, seeds, reader, refusals, List.of(), UnaryOperator.identity(), Budget.USUAL);
    }

    FuzzTarget with(Mutation... more) {
        return new FuzzTarget(name, seeds, reader, refusals, List.of(more), repair, budget);
    }

    FuzzTarget repairedBy(UnaryOperator<byte[]> how) {
        return new FuzzTarget(name, seeds, reader, refusals, mutations, how, budget);
    }

    FuzzTarget within(Budget most) {
        return new FuzzTarget(name, seeds, reader, refusals, mutations, repair, most);
    }

    boolean isRefusal(Throwable thrown) {
        return refusals.stream().anyMatch(refusal -> refusal.isInstance(thrown));
    }
}
