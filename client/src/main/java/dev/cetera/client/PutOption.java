package dev.cetera.client;

/// How to put.
///
/// @param lease the key goes when this lease does; 0 for none
/// @param keeps what of the key's present state stays
/// @param previous whether the answer has what was there before
public record PutOption(long lease, Keeps keeps, Previous previous) {
    public static final PutOption DEFAULTS = new PutOption(0, Keeps.NOTHING, Previous.LEFT_OUT);

    /// What a put leaves as it is; the key must exist, unless that is nothing.
    public enum Keeps {
        NOTHING,
        VALUE,
        LEASE
    }

    public PutOption withLease(long id) {
        return new PutOption(id, keeps, previous);
    }

    public PutOption withPrevious() {
        return new PutOption(lease, keeps, Previous.RETURNED);
    }

    /// Only the lease changes; the value given must be empty.
    public PutOption keepingValue() {
        return new PutOption(lease, Keeps.VALUE, previous);
    }

    /// Only the value changes; no lease may be given.
    public PutOption keepingLease() {
        return new PutOption(lease, Keeps.LEASE, previous);
    }
}
