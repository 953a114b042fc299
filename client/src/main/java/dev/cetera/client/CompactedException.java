package dev.cetera.client;

import dev.cetera.api.Refusal;

/// A watch asked for history that is gone.
public final class CompactedException extends RefusedException {
    private static final long serialVersionUID = 1;
    private final long compactRevision;
    private final transient Header header;

    CompactedException(long compactRevision, Header header) {
        super(Refusal.COMPACTED);
        this.compactRevision = compactRevision;
        this.header = header;
    }

    /// Up to here history is gone; what came later is still there.
    public long compactRevision() {
        return compactRevision;
    }

    /// Of the answer that said so. Members of etcd give it no revision.
    public Header header() {
        return header;
    }
}
