package dev.cetera.lab.sim;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.apply.Outcome;
import dev.cetera.auth.Accounts;
import dev.cetera.cluster.Member;
import dev.cetera.entry.EntryPayload;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.model.Access;
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
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The one log that all members must agree on, and what follows from it: the state after each entry, as an
/// obvious model has it, and the result of each request. What was committed first counts; whoever has it
/// differently later breaks a promise. Confined.
final class Truth {
    /// What made a revision.
    private record Change(InternalRaftRequest request, Outcome<? extends Message> outcome) {}

    private record Alarm(long member, AlarmType type) {}

    /// The state after one entry.
    private record Moment(long revision, long compacted, Set<Long> leases, Set<Long> members, Access access) {}

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
        void memberAdded(String peerUrl);

        void memberRemoved(long id);
    }

    private static final int CONFIGURATIONS = 3;

    private final List<Entry> committed = new ArrayList<>();
    private final List<Moment> moments = new ArrayList<>();
    private final Map<Long, Change> changes = new HashMap<>();
    private final Set<Alarm> raised = new HashSet<>();
    private final Set<AlarmType> alarms = EnumSet.noneOf(AlarmType.class);
    private final Map<Long, State> states = new HashMap<>();
    private final Model model = new Model();
    private final Listener listener;
    private Access access = Access.NOBODY;
    private Set<Long> members = Set.of();
    private final Map<Long, List<String>> peerUrls = new TreeMap<>();
    private int leasesRevoked;

    /// The last of them, the newest at the end.
    private final ArrayDeque<Set<Long>> configurations = new ArrayDeque<>(List.of(Set.of()));

    /// Of all requests in the log.
    private final Set<ByteString> requests = new HashSet<>();

    Truth(Listener listener) {
        this.listener = listener;
        moments.add(new Moment(model.revision(), model.compacted(), Set.of(), members, access));
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

    /// Where each of them is reached.
    Collection<List<String>> peerUrls() {
        return Collections.unmodifiableCollection(peerUrls.values());
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

    /// Leases that a client or a leader ended.
    int leasesRevoked() {
        return leasesRevoked;
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
        moments.add(new Moment(model.revision(), model.compacted(), leases(), members, access));
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
                apply(request);
            }
        }
    }

    private void apply(InternalRaftRequest request) {
        if (request.hasAlarm()) {
            change(request.getAlarm());
            return;
        }
        if (grows(request) && alarms.contains(AlarmType.NOSPACE)) {
            return; // refused
        }
        if (!access.allows(request, model::attached)) {
            return; // refused
        }
        if (Access.isAboutAccounts(request)) {
            access = access.after(request);
            return;
        }
        long before = model.revision();
        var outcome = model.apply(request);
        if (model.revision() > before) {
            changes.put(model.revision(), new Change(request, outcome));
        }
        if (request.hasLeaseRevoke() && outcome instanceof Outcome.Done) {
            leasesRevoked++;
        }
    }

    private void change(AlarmRequest request) {
        var alarm = request.getAlarm();
        switch (request.getAction()) {
            case ACTIVATE -> raised.add(new Alarm(request.getMemberID(), alarm));
            case DEACTIVATE -> raised.remove(new Alarm(request.getMemberID(), alarm));
            case GET, UNRECOGNIZED -> {}
        }
        alarms.clear();
        raised.forEach(one -> alarms.add(one.type()));
    }

    /// What is refused while there is no space; of a transaction only the puts of its own branches count.
    private static boolean grows(InternalRaftRequest request) {
        var txn = request.getTxn();
        return request.hasPut()
                || request.hasLeaseGrant()
                || txn.getSuccessList().stream().anyMatch(RequestOp::hasRequestPut)
                || txn.getFailureList().stream().anyMatch(RequestOp::hasRequestPut);
    }

    /// A request must not be carried out twice. Its number alone may come again: it is made of the wall clock
    /// at a member's start, which may have been set back since the last one.
    private void once(long requestId, Entry entry) {
        check(
                requestId == 0 || requests.add(ByteString.copyFrom(entry.data())),
                () -> "the request " + Long.toHexString(requestId) + " at " + entry + " is in the log already");
    }

    private void reconfigure(Entry entry) throws MalformedException {
        var change = RaftCodec.decodeConfChange(entry.data());
        var now = new TreeSet<>(members);
        switch (change.type()) {
            case ADD_NODE, ADD_LEARNER -> {
                // Two operators may add the same process at once; then it is one member.
                var urls = peerUrls(change);
                boolean isNew = peerUrls.values().stream().noneMatch(taken -> !Collections.disjoint(taken, urls));
                if (isNew && now.add(change.nodeId())) {
                    peerUrls.put(change.nodeId(), urls);
                    listener.memberAdded(urls.getFirst());
                }
            }
            case REMOVE_NODE -> {
                peerUrls.remove(change.nodeId());
                if (now.remove(change.nodeId())) {
                    listener.memberRemoved(change.nodeId());
                }
            }
            case UPDATE_NODE -> {
                if (members.contains(change.nodeId())) {
                    peerUrls.put(change.nodeId(), peerUrls(change));
                }
            }
        }
        if (!now.equals(members)) {
            members = now;
            configurations.add(now);
            if (configurations.size() > CONFIGURATIONS) {
                configurations.remove();
            }
        }
    }

    private static List<String> peerUrls(ConfChange change) {
        var member = JsonParser.parseString(new String(change.context(), StandardCharsets.UTF_8));
        return member.getAsJsonObject().getAsJsonArray("peerURLs").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
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
        var rights = machine.accounts().now();
        check(
                rights.enabled() == moment.access().enabled()
                        && rights.revision() == moment.access().revision(),
                () -> host + " asks who somebody is: " + rights.enabled() + ", under revision " + rights.revision()
                        + ", after entry " + index + ", not " + moment.access());
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
        var accounts = access(machine.accounts());
        check(
                accounts.equals(moment.access()),
                () -> host + " has accounts " + accounts + " after entry " + index + ", not " + moment.access());
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

    private static Access access(Accounts accounts) {
        var users = new TreeMap<String, SortedSet<String>>();
        for (var user : accounts.userNames()) {
            users.put(user, new TreeSet<>(Objects.requireNonNull(accounts.rolesOf(user))));
        }
        var roles = new TreeMap<String, List<Permission>>();
        for (var role : accounts.roleNames()) {
            roles.put(role, Objects.requireNonNull(accounts.permissionsOf(role)));
        }
        return new Access(accounts.now().enabled(), accounts.now().revision(), users, roles);
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

    // ---- what clients were told ----

    /// What was answered to clients is what follows from the log: who was told of a revision made it, and got
    /// what it came to; who read all of a range got what it held.
    void checkAnswers(History history) {
        for (var operation : history.operations()) {
            if (operation.outcome() instanceof dev.cetera.lab.history.Outcome.Answered(var response)) {
                switch (operation.request()) {
                    case PutRequest put -> checkAnswer(operation, response, InternalRaftRequest::getPut, put);
                    case DeleteRangeRequest delete
                    when ((DeleteRangeResponse) response).getDeleted() > 0 ->
                        checkAnswer(operation, response, InternalRaftRequest::getDeleteRange, delete);
                    default -> {}
                }
            }
        }
    }

    private void checkAnswer(
            Operation operation, Message response, Function<InternalRaftRequest, Message> kind, Message request) {
        var header = (ResponseHeader)
                response.getField(response.getDescriptorForType().findFieldByName("header"));
        var change = changes.get(header.getRevision());
        check(
                change != null && kind.apply(change.request()).equals(request),
                () -> operation + " did not make revision " + header.getRevision() + ", that was " + change);
        var expected = ((Outcome.Done<?>) Objects.requireNonNull(change).outcome()).response();
        check(expected.equals(withRevisionOnly(response, header)), () -> operation + " was answered, not " + expected);
    }

    private static Message withRevisionOnly(Message response, ResponseHeader header) {
        var alone =
                ResponseHeader.newBuilder().setRevision(header.getRevision()).build();
        return response.toBuilder()
                .setField(response.getDescriptorForType().findFieldByName("header"), alone)
                .build();
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
