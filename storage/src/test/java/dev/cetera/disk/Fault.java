package dev.cetera.disk;

/// What goes wrong at an operation of a [FakeDisk].
public enum Fault {
    /// The process ends there: a write may be done in part, another operation done or not. [SimulatedCrash] is
    /// thrown from it and from every operation after it.
    CRASH,
    /// The operation does nothing and fails. What a sync that fails so should have made durable
    /// stays at risk, also when a later sync succeeds, until it is written again.
    IO_ERROR,
    /// As [#IO_ERROR], but a write is done in part.
    SHORT_WRITE,
    /// The operation does nothing and fails for lack of space.
    NO_SPACE
}
