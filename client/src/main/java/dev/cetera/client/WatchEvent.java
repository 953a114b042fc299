package dev.cetera.client;

import java.util.Optional;

/// One change of one key.
///
/// @param kv after the change; of a deletion only the key and the revision
/// @param previous what was there before, if that was asked for, there was something, and history still has it
public record WatchEvent(Kind kind, KeyValue kv, Optional<KeyValue> previous) {
    /// What was done.
    public enum Kind {
        PUT,
        DELETE
    }

    public boolean isPut() {
        return kind == Kind.PUT;
    }

    /// Whether it made the key, rather than changed it.
    public boolean isCreate() {
        return kind == Kind.PUT && kv.createRevision() == kv.modRevision();
    }

    public Key key() {
        return kv.key();
    }

    /// The revision of the change.
    public long revision() {
        return kv.modRevision();
    }
}
