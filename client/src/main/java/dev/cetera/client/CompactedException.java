package dev.cetera.client;

import dev.cetera.api.Refusal;

/// A watch asked for history that is gone.
public final class CompactedException extends RefusedException {
    private static final long serialVersionUID = 1;
    private final long compactRevision;

    CompactedException(long compactRevision) {
        super(Refusal.COMPACTED);
        this.compactRevision = compactRevision;
    }

    /// Up to here history is gone; what came later is still there.
    public long compactRevision() {
        return compactRevision;
    }
}
