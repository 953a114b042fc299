package dev.cetera.node;

import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.logs.Log;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Recovered;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Makes a member that can't get a quorum any more a cluster of its own, with all that it knows to be
/// committed: what isn't is discarded, and entries that remove all others are appended as if they had been
/// agreed on. Immutable.
final class ForcedAlone {
    /// etcd's choice for a member that finds itself outside of its cluster.
    private static final String DEFAULT_PEER_URL = "http://localhost:2380";

    private static final Log LOG = Log.of("etcdserver");

    private ForcedAlone() {}

    /// What the member is to go on from.
    ///
    /// @param appended on top of what its log holds; not on disk yet
    record Forced(Recovered recovered, List<Entry> appended) {}

    /// @throws IOException when an entry can't be read
    static Forced force(long memberId, Recovered before) throws IOException {
        long committed = Math.max(before.hardState().commit(), before.snapshot().index());
        var kept = before.entries().stream()
                .filter(entry -> entry.index() <= committed)
                .toList();
        if (kept.size() < before.entries().size()) {
            LOG.info("discarding " + (before.entries().size() - kept.size()) + " uncommitted WAL entries");
        }
        long term = before.hardState().term();
        var appended = new ArrayList<Entry>();
        for (byte[] change : changes(memberId, members(before.snapshot().conf(), kept))) {
            appended.add(new Entry(term, committed + appended.size() + 1, EntryType.CONF_CHANGE, change));
        }
        var all = new ArrayList<>(kept);
        all.addAll(appended);
        var state = new HardState(term, before.hardState().vote(), committed + appended.size());
        return new Forced(new Recovered(state, before.snapshot(), all, before.applied()), appended);
    }

    private static SortedSet<Long> members(ConfState conf, List<Entry> entries) throws IOException {
        var now = conf;
        for (var entry : entries) {
            try {
                now = switch (entry.type()) {
                    case NORMAL -> now;
                    case CONF_CHANGE -> now.with(RaftCodec.decodeConfChange(entry.data()));
                    case CONF_CHANGE_V2 -> now.with(RaftCodec.decodeConfChangeV2(entry.data()));
                };
            } catch (MalformedException damaged) {
                throw new IOException(
                        "entry " + entry.index() + " of the log, a change of the membership, can't be read", damaged);
            }
        }
        var ids = new TreeSet<Long>(Long::compareUnsigned);
        ids.addAll(now.voters());
        ids.addAll(now.votersOutgoing());
        ids.addAll(now.learners());
        ids.addAll(now.learnersNext());
        return ids;
    }

    private static List<byte[]> changes(long memberId, SortedSet<Long> members) {
        var changes = new ArrayList<byte[]>();
        for (long id : members) {
            if (id != memberId) {
                changes.add(RaftCodec.encode(Members.remove(0, id)));
            }
        }
        if (!members.contains(memberId)) {
            changes.add(RaftCodec.encode(Members.add(0, Member.of(memberId, List.of(DEFAULT_PEER_URL), ""))));
        }
        return changes;
    }

    static void tell(long memberId, long clusterId, long commit) {
        LOG.info("forcing restart of member " + MemberId.text(memberId) + " in cluster " + MemberId.text(clusterId)
                + " at commit index " + commit);
    }
}
