package dev.cetera.mvcc;

import dev.cetera.api.Refusal;

/// What a question about a revision gets: the thing asked for, or a refusal because that revision is gone or
/// not yet there.
public sealed interface Answer<T> {
    /// Yes.
    record Found<T>(T value) implements Answer<T> {}

    /// No, and why not.
    ///
    /// @param why [Refusal#COMPACTED] or [Refusal#FUTURE_REVISION]
    record Refused<T>(Refusal why) implements Answer<T> {}
}
