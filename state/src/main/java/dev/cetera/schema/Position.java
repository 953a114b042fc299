package dev.cetera.schema;

import dev.cetera.bolt.Bolt;
import dev.cetera.disk.CorruptionException;
import java.io.IOException;

/// How far a file goes. Immutable.
///
/// @param index    of the last entry in it, 0 for none
/// @param revision the main revision such that it and all before it are in it, 0 for none
record Position(long index, long revision) {
    static Position of(Bolt bolt) throws IOException {
        try (var file = new Snapshot(bolt.read(), Snapshot.NO_GENERATION)) {
            var cursor = file.cursor(Bucket.KEY);
            long revision = 0;
            if (cursor.last()) {
                if (!Revision.isKey(cursor.key())) {
                    throw new CorruptionException(bolt.path(), -1, "a key of bucket key is not a revision");
                }
                revision = Revision.mainOf(cursor.key());
            }
            return new Position(file.consistentIndex(), revision);
        }
    }
}
