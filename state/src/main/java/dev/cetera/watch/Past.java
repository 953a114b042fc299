package dev.cetera.watch;

import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.History;
import dev.cetera.mvcc.Store;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The store, as far as watching needs it. Any thread may call; nothing here waits for the applier or makes it
/// wait.
public interface Past {
    /// The revision up to which the store is compacted; zero or less when it never was.
    long compacted();

    /// As [Store#history].
    Answer<History> history(long fromRevision, int maxRevisions, long maxBytes) throws IOException;

    /// The version of a key just before the given one; null when there was none or it is compacted.
    @Nullable
    KeyValue before(KeyValue kv) throws IOException;

    static Past of(Store store) {
        return new Past() {
            @Override
            public long compacted() {
                return store.view().compactRevision();
            }

            @Override
            public Answer<History> history(long fromRevision, int maxRevisions, long maxBytes) throws IOException {
                return store.history(fromRevision, maxRevisions, maxBytes);
            }

            @Override
            public @Nullable KeyValue before(KeyValue kv) throws IOException {
                while (true) {
                    var view = store.view();
                    var found = view.before(kv);
                    if (found != null || view.isCurrent()) {
                        return found;
                    }
                }
            }
        };
    }
}
