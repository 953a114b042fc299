package dev.cetera.watch;

import dev.cetera.mvcc.Event;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One key's change, and the wire forms of it that have been asked for.
///
/// Shared: the change itself is immutable; its two forms are made on first use and published through volatile
/// fields (two threads may both make one, with equal content).
final class Change {
    private final Event.Type type;
    private final KeyValue kv;
    private final byte[] key;
    private volatile @Nullable EncodedEvent plain;
    private volatile @Nullable EncodedEvent withPrevious;

    Change(Event event) {
        this.type = event.type();
        this.kv = event.kv();
        this.key = kv.key();
    }

    Event.Type type() {
        return type;
    }

    byte[] key() {
        return key;
    }

    /// Bytes that this change holds on to, roughly.
    long weight() {
        return 96L + key.length + kv.encoded().length;
    }

    /// The form of this change that a view shows.
    EncodedEvent encoded(View view, Past past) throws IOException {
        return view.previous() ? withPrevious(past) : plain();
    }

    private EncodedEvent plain() {
        var made = plain;
        if (made == null) {
            made = EncodedEvent.of(type, kv, null);
            plain = made;
        }
        return made;
    }

    private EncodedEvent withPrevious(Past past) throws IOException {
        var made = withPrevious;
        if (made == null) {
            made = EncodedEvent.of(type, kv, past.before(kv));
            withPrevious = made;
        }
        return made;
    }
}
