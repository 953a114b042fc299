package dev.cetera.lab.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// What must be so in the database of each member, whatever the others have: [SameState] does not see what all
/// of them do wrong.
///
/// - A compaction that is done has left, at or below its revision, the newest change of each key alone, and no
///   deletion but one at that very revision.
/// - Bucket `members` has exactly those who are members.
public final class OwnFile {
    private OwnFile() {}

    /// Looks at what a member's backend has committed to its file.
    ///
    /// @param members of the cluster, after the same entries
    /// @return the first fault, in a sentence
    public static Optional<String> fault(Backend backend, List<Member> members) throws IOException {
        try (var snapshot = backend.snapshot()) {
            var left = leftBehind(snapshot);
            return left.isPresent() ? left : wrongMembers(snapshot, members);
        }
    }

    private static Optional<String> leftBehind(Snapshot snapshot) throws IOException {
        var done = snapshot.get(Bucket.META, MetaKey.FINISHED_COMPACTION.bytes());
        if (done == null || !snapshot.has(Bucket.KEY)) {
            return Optional.empty();
        }
        long compacted = Revision.mainOf(done);
        var newest = new HashMap<ByteString, Long>();
        var cursor = snapshot.cursor(Bucket.KEY);
        for (boolean more = cursor.first(); more && Revision.mainOf(cursor.key()) <= compacted; more = cursor.next()) {
            long main = Revision.mainOf(cursor.key());
            var key = KeyValue.parseFrom(cursor.value()).getKey();
            var before = newest.put(key, main);
            if (before != null) {
                return Optional.of("the compaction at " + compacted + " has left revision " + before + " of "
                        + key.toStringUtf8() + " beside " + main);
            }
            if (Revision.isTombstone(cursor.key()) && main != compacted) {
                return Optional.of("the compaction at " + compacted + " has left the deletion of " + key.toStringUtf8()
                        + " at " + main);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> wrongMembers(Snapshot snapshot, List<Member> members) throws IOException {
        var wanted = new TreeSet<String>();
        members.forEach(member -> wanted.add(MemberId.text(member.id())));
        var found = new TreeSet<String>();
        if (snapshot.has(Bucket.MEMBERS)) {
            var cursor = snapshot.cursor(Bucket.MEMBERS);
            for (boolean more = cursor.first(); more; more = cursor.next()) {
                found.add(new String(cursor.key(), UTF_8));
            }
        }
        return found.equals(wanted)
                ? Optional.empty()
                : Optional.of("bucket members has " + found + ", and members are " + wanted);
    }
}
