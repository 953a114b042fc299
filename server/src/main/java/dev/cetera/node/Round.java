package dev.cetera.node;

/// A thread that sees to many things in one go: an event loop to all connections that have something to read,
/// a [Loop] to all that has gathered. What each of them brings another thread to do is found by it together
/// when it is woken once, at the end; woken for the first of them, it would be ready before the second and
/// have to be woken again.
public interface Round {
    /// Runs something on this thread, which is the caller's: when it has seen to what it has at hand, or
    /// earlier where that takes long.
    void atItsEnd(Runnable what);
}
