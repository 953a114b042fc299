package dev.cetera.lab.sim;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.apply.Outcome;
import dev.cetera.cluster.Member;
import dev.cetera.entry.EntryPayload;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.KvHash;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The one log that all members must agree on, and what follows from it: the state after each entry, as an
/// obvious model has it, and the result of each request. What was committed first counts; whoever has it
/// differently later breaks a promise. Confined.
final class Truth {
    /// What a request came to.
    record Result(long index, Outcome<? extends Message> outcome) {}

    /// The state after one entry.
    private record Moment(long revision, long compacted, Set<Long> leases, Set<Long> members) {}

    /// All state of a member at one index, as far as others must have the same.
    private record State(
            long revision,
            long compacted,
            List<Long> leases,
            List<Member> members,
            Set<Long> removed,
            List<AlarmMember> alarms,
            int legacyHash,
            @Nullable Integer keysHash) {}

    /// Told of what the log says.
    interface Listener {
        void leaseRevoked(long lease, Entry entry);

        void memberAdded(String peerUrl);

        void memberRemoved(long id);
    }

    private static final int CONFIGURATIONS = 3;

    private final List<Entry> committed = new ArrayList<>();
    private final List<Moment> moments = new ArrayList<>();
    private final Map<Long, Result> results = new HashMap<>();
    private final Map<Long, State> states = new HashMap<>();
    private final Model model = new Model();
    private final Listener listener;
    private Set<Long> members = Set.of();

    /// The last of them, the newest at the end.
    private final ArrayDeque<Set<Long>> configurations = new ArrayDeque<>(List.of(Set.of()));

    /// Of all requests in the log.
    private final Set<Long> requestIds = new HashSet<>();

    Truth(Listener listener) {
        this.listener = listener;
        moments.add(new Moment(model.revision(), model.compacted(), Set.of(), members));
    }

    Model model() {
        return model;
    }

    /// Of the last committed entry that anybody was seen to have.
    long lastIndex() {
        return committed.size();
    }

    /// Who is a member after everything that is known to be committed.
    Set<Long> members() {
        return members;
    }

    /// Those that somebody may still count by, the newest at the end.
    Collection<Set<Long>> configurations() {
        return configurations;
    }

    long revisionAt(long index) {
        return moments.get((int) index).revision();
    }

    Entry entry(long index) {
        return committed.get((int) index - 1);
    }

    @Nullable
    Result result(long requestId) {
        return results.get(requestId);
    }

    /// How many requests were committed that have a result.
    int requests() {
        return results.size();
    }

    // ---- the log ----

    /// Some member knows that this entry is committed.
    ///
    /// @return whether nobody had known it before
    boolean commit(String who, Entry entry) throws IOException, MalformedException {
        if (entry.index() <= committed.size()) {
            var first = entry(entry.index());
            check(first.equals(entry), () -> who + " has " + entry + " as committed, and committed was " + first);
            return false;
        }
        check(
                entry.index() == committed.size() + 1,
                () -> who + " knows as committed " + entry + ", and nobody committed " + (committed.size() + 1));
        committed.add(entry);
        apply(entry);
        moments.add(new Moment(model.revision(), model.compacted(), leases(), members));
        return true;
    }

    private Set<Long> leases() {
        var before = moments.getLast().leases();
        var now = model.leases().keySet();
        return before.equals(now) ? before : new TreeSet<>(now);
    }

    private void apply(Entry entry) throws IOException, MalformedException {
        if (entry.type() != EntryType.NORMAL) {
            reconfigure(entry);
            return;
        }
        switch (EntryPayload.decode(entry.data())) {
            case EntryPayload.Empty() -> {}
            case EntryPayload.V2(var request) -> once(request.getID(), entry);
            case EntryPayload.V3 payload -> {
                once(payload.id(), entry);
                var request = payload.request();
                results.put(payload.id(), new Result(entry.index(), model.apply(request)));
                if (request.hasLeaseRevoke()) {
                    listener.leaseRevoked(request.getLeaseRevoke().getID(), entry);
                }
            }
        }
    }

    /// A request must not be carried out twice.
    private void once(long requestId, Entry entry) {
        check(
                requestId == 0 || requestIds.add(requestId),
                () -> "the request " + Long.toHexString(requestId) + " at " + entry + " is in the log already");
    }

    private void reconfigure(Entry entry) throws MalformedException {
        var change = RaftCodec.decodeConfChange(entry.data());
        var now = new TreeSet<>(members);
        switch (change.type()) {
            case ADD_NODE, ADD_LEARNER -> {
                if (now.add(change.nodeId())) {
                    listener.memberAdded(peerUrl(change));
                }
            }
            case REMOVE_NODE -> {
                if (now.remove(change.nodeId())) {
                    listener.memberRemoved(change.nodeId());
                }
            }
            case UPDATE_NODE -> {}
        }
        if (!now.equals(members)) {
            members = now;
            configurations.add(now);
            if (configurations.size() > CONFIGURATIONS) {
                configurations.remove();
            }
        }
    }

    private static String peerUrl(ConfChange change) {
        var member = JsonParser.parseString(new String(change.context(), StandardCharsets.UTF_8));
        return member.getAsJsonObject().getAsJsonArray("peerURLs").get(0).getAsString();
    }

    // ---- the state ----

    /// Compares what can be compared quickly with the state that follows from the log.
    void checkQuickly(Host host, long index) {
        var moment = moments.get((int) index);
        var machine = host.engine().machine();
        var view = machine.store().view();
        check(
                view.revision() == moment.revision(),
                () -> host + " is at revision " + view.revision() + " after entry " + index + ", not "
                        + moment.revision());
        check(
                view.compactRevision() == moment.compacted(),
                () -> host + " is compacted at " + view.compactRevision() + " after entry " + index + ", not "
                        + moment.compacted());
        check(
                machine.leases().size() == moment.leases().size(),
                () -> host + " has leases " + machine.leases().list() + " after entry " + index + ", not "
                        + moment.leases());
        var ids = new TreeSet<Long>();
        machine.members().now().members().forEach(member -> ids.add(member.id()));
        check(
                ids.equals(moment.members()),
                () -> host + " has members " + ids + " after entry " + index + ", not " + moment.members());
    }

    /// Compares everything: keys with the model, the rest with all members that were looked at at this index.
    void checkAll(Host host, long index) throws IOException {
        checkQuickly(host, index);
        var moment = moments.get((int) index);
        var machine = host.engine().machine();
        var store = machine.store();
        var wanted = model.at(moment.revision());
        checkKeys(host, moment.revision());
        var leases = new ArrayList<>(machine.leases().list());
        leases.sort(null);
        check(
                leases.equals(List.copyOf(moment.leases())),
                () -> host + " has leases " + leases + " after entry " + index + ", not " + moment.leases());
        for (long lease : leases) {
            var attached = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
            wanted.values().stream().filter(kv -> kv.getLease() == lease).forEach(kv -> attached.add(kv.getKey()));
            var keys = machine.leases().timeToLiveWithKeys(lease, 0).keys().stream()
                    .map(ByteString::copyFrom)
                    .toList();
            check(
                    keys.equals(List.copyOf(attached)),
                    () -> host + " has keys " + keys + " on lease " + lease + ", not " + attached);
        }
        // Of a compacted store without a key etcd hashes what the compaction has not got to yet.
        boolean hashed = moment.compacted() < 0 || !wanted.isEmpty();
        var hash = hashed && store.hashKv(0) instanceof Found<KvHash>(var found) ? found.hash() : null;
        if (hash != null && index == lastIndex()) {
            var expected = model.hash();
            check(
                    expected == null || expected.equals(hash),
                    () -> host + " has HashKV " + hash + " after entry " + index + ", not " + expected);
        }
        var state = new State(
                moment.revision(),
                moment.compacted(),
                leases,
                machine.members().now().members().stream().map(Truth::asKnown).toList(),
                machine.members().now().removed(),
                machine.alarms().list(),
                legacyHash(machine.saveLegacy()),
                hash);
        var first = states.putIfAbsent(index, state);
        check(
                first == null || first.equals(state),
                () -> host + " is in state " + state + " after entry " + index + ", another member was in " + first);
    }

    /// Until a member has published itself, only those who did not start from a snapshot know its name.
    private static Member asKnown(Member member) {
        return member.clientUrls().isEmpty() ? Member.of(member.id(), member.peerUrls(), "") : member;
    }

    /// Without the counters of reads: each member counts its own.
    private static int legacyHash(byte[] saved) {
        var text = new String(saved, StandardCharsets.UTF_8);
        return text.replaceFirst("\"getsSuccess\":\\d+,\"getsFail\":\\d+", "").hashCode();
    }

    /// @param revision that of the member
    void checkKeys(Host host, long revision) throws IOException {
        var query = RangeQuery.between(new byte[] {0}, new byte[] {0}).at(revision);
        var answer = host.engine().machine().store().range(query);
        if (!(answer instanceof Found<RangeResult>(var found))) {
            throw broken(host + " can't read revision " + revision + ": " + answer);
        }
        checkKeys(
                host + " at revision " + revision,
                List.copyOf(model.at(revision).values()),
                found);
    }

    static void checkKeys(String where, List<dev.cetera.api.mvccpb.KeyValue> wanted, RangeResult found) {
        check(
                found.kvs().size() == wanted.size(),
                () -> where + ": " + found.kvs().size() + " keys, not " + wanted.size());
        for (int i = 0; i < wanted.size(); i++) {
            var kv = found.kvs().get(i);
            var expected = wanted.get(i);
            check(
                    ByteString.copyFrom(kv.encoded()).equals(expected.toByteString()),
                    () -> where + ": " + kv + ", not " + expected);
        }
    }

    static void check(boolean holds, java.util.function.Supplier<String> complaint) {
        if (!holds) {
            throw broken(complaint.get());
        }
    }

    static AssertionError broken(String complaint) {
        return new AssertionError(complaint);
    }
}
