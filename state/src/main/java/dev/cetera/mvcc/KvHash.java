package dev.cetera.mvcc;

import dev.cetera.schema.Bucket;
import java.io.IOException;
import java.util.zip.CRC32C;

/// etcd's `HashKV`: the same on every member with the same history and compaction.
///
/// @param hash CRC-32C, as an unsigned 32-bit number
/// @param revision up to which it goes
/// @param compactRevision -1 when nothing was ever compacted
public record KvHash(int hash, long revision, long compactRevision) {
    /// Hashes a log from its beginning. What the compaction removes, or will when it gets there, does not
    /// count: of revisions not beyond the compacted one only the newest of each key as of `revision`, and no
    /// tombstone. When no key lives at `revision` etcd skips nothing of what it finds in its file: what the
    /// compaction has left there, so for us too, who may still have the rest in memory, it is what lived at
    /// the compaction.
    static KvHash over(RevisionLog log, View view, long revision) throws IOException {
        var crc = new CRC32C();
        crc.update(Bucket.KEY.bytes());
        var seenFrom = anyLives(view, revision) ? revision : view.compactRevision();
        while (log.next() && log.main() <= revision) {
            if (log.isTombstone() && log.main() == view.compactRevision()) {
                continue; // releases before 3.4.34 remove it from their files
            }
            var stored = log.stored();
            if (log.main() <= view.compactRevision()) {
                var newest = View.liveAt(view.root().get(stored.key()), seenFrom);
                if (newest == null || newest.main != log.main() || newest.sub() != log.sub()) {
                    continue;
                }
            }
            crc.update(log.revisionKey());
            crc.update(stored.encoded());
        }
        return new KvHash((int) crc.getValue(), revision, view.compactRevision());
    }

    private static boolean anyLives(View view, long revision) {
        var any = new boolean[1];
        view.walk(new byte[0], null, (_, newest) -> {
            any[0] = View.liveAt(newest, revision) != null;
            return !any[0];
        });
        return any[0];
    }
}
