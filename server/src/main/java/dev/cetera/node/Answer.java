package dev.cetera.node;

import dev.cetera.api.Refusal;

/// Where the result of one operation goes. Exactly one of the two methods is called, exactly once, from any
/// thread, possibly before the call that started the operation has returned. Implementations return quickly
/// and never block.
public interface Answer<T> {
    void done(T value);

    void refused(Refusal why);
}
