package dev.cetera.node;

import dev.cetera.raft.ConfChange;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Recovered;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.SortedSet;
import java.util.TreeSet;

/// Who votes, according to what a member remembers. Known before anything of it is applied, so that a
/// directory which this version can't serve is refused as it is.
final class Voters {
    private Voters() {}

    /// Checks that the member is its cluster. Members that came and left again do no harm; one that would come
    /// when the rest of the log is committed does, because it would have to agree.
    ///
    /// @throws StartException when it is not
    /// @throws IOException    when an entry can't be read
    static void requireAlone(long memberId, Recovered recovered) throws IOException {
        long committed =
                Math.max(recovered.hardState().commit(), recovered.snapshot().index());
        var voters = new TreeSet<Long>(Long::compareUnsigned);
        voters.addAll(recovered.snapshot().conf().voters());
        boolean known = recovered.snapshot().index() > 0;
        for (var entry : recovered.entries()) {
            if (entry.type() != EntryType.CONF_CHANGE) {
                continue;
            }
            if (entry.index() > committed && known) {
                requireAlone(memberId, voters);
            }
            apply(change(entry), voters);
            known = true;
        }
        requireAlone(memberId, voters);
    }

    private static ConfChange change(Entry entry) throws IOException {
        try {
            return RaftCodec.decodeConfChange(entry.data());
        } catch (MalformedException damaged) {
            throw new IOException(
                    "entry " + entry.index() + " of the log, a change of the membership, can't be read", damaged);
        }
    }

    private static void apply(ConfChange change, SortedSet<Long> voters) {
        switch (change.type()) {
            case ADD_NODE -> voters.add(change.nodeId());
            case REMOVE_NODE -> voters.remove(change.nodeId());
            case UPDATE_NODE, ADD_LEARNER -> {}
        }
    }

    private static void requireAlone(long memberId, SortedSet<Long> voters) throws StartException {
        if (voters.size() > 1) {
            var ids = new ArrayList<String>();
            voters.forEach(id -> ids.add(RaftLoop.hex(id)));
            throw new StartException("the cluster has " + voters.size() + " members (" + String.join(", ", ids)
                    + "), and this version runs clusters of one member only");
        }
        if (voters.isEmpty()) {
            throw new StartException("the log names no member of the cluster: it belongs to a member that was to join"
                    + " others, and this version runs clusters of one member only");
        }
        if (voters.first() != memberId) {
            throw new StartException("the member has been permanently removed from the cluster");
        }
    }
}
