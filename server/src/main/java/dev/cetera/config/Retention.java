package dev.cetera.config;

/// How much of the keys' history is kept. Immutable.
public sealed interface Retention {
    /// Nothing is ever compacted of its own accord.
    Retention ALL = new All();

    record All() implements Retention {}

    /// The history of a span of time.
    ///
    /// @param nanos more than 0
    record Period(long nanos) implements Retention {
        public Period {
            if (nanos <= 0) {
                throw new IllegalArgumentException("a period of " + nanos + " ns");
            }
        }
    }

    /// The newest revisions.
    ///
    /// @param count more than 0
    record Revisions(long count) implements Retention {
        public Revisions {
            if (count <= 0) {
                throw new IllegalArgumentException(count + " revisions");
            }
        }
    }
}
