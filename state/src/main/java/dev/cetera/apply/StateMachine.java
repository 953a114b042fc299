package dev.cetera.apply;

import com.google.protobuf.Descriptors;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.auth.Accounts;
import dev.cetera.auth.Authorization;
import dev.cetera.auth.Credentials;
import dev.cetera.auth.Identity;
import dev.cetera.cluster.BucketWrite;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Members;
import dev.cetera.cluster.MembershipChange;
import dev.cetera.entry.EntryPayload;
import dev.cetera.lease.Grant;
import dev.cetera.lease.LeaseRow;
import dev.cetera.lease.Leases;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Compaction;
import dev.cetera.mvcc.Feed;
import dev.cetera.mvcc.Store;
import dev.cetera.mvcc.View;
import dev.cetera.mvcc.WriteTxn;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Snapshot;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.Replacement;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// All replicated state of a member, and the one way to change it.
///
/// Confined to the applier, except what its parts say of themselves: [Store] and [Leases] are read from any
/// thread, [Alarms], [Accounts] and [Members] show a moment.
public final class StateMachine {
    /// What the first start of a member on this file had to go on with.
    ///
    /// @param unfinished a compaction that was accepted but not done when the member stopped
    public record Opened(StateMachine machine, @Nullable Compaction unfinished) {}

    private final Backend backend;
    private final Store store;
    private final Leases leases;
    private final Alarms alarms;
    private final Accounts accounts;
    private final V2Store legacy;
    private final Members members;
    private final Quota quota;
    private final Transactions transactions;
    private final AuthRequests authRequests;
    private final ClusterVersion release;
    private final Feed watchers;

    /// Entries up to here have changed the backend before; replaying them rebuilds only what lives in memory.
    private long contained;

    private StateMachine(
            Backend backend,
            Store store,
            Leases leases,
            Alarms alarms,
            Accounts.Loaded loadedAccounts,
            Credentials credentials,
            V2Store legacy,
            Members members,
            Quota quota,
            ClusterVersion release,
            Feed watchers) {
        this.backend = backend;
        this.store = store;
        this.leases = leases;
        this.alarms = alarms;
        this.accounts = Accounts.restore(loadedAccounts, this::store, credentials.sessions());
        this.authRequests = new AuthRequests(accounts, credentials.hashing());
        this.legacy = legacy;
        this.members = members;
        this.quota = quota;
        this.transactions = new Transactions(leases);
        this.release = release;
        this.watchers = watchers;
        this.contained = backend.consistentIndex();
    }

    /// The state that the backend and the legacy tree hold.
    ///
    /// @param members  loaded from `legacy`
    /// @param release     of this program: a cluster that has gone beyond it is refused
    /// @param credentials for passwords and tokens
    /// @param watchers    told of every change, on the applier; must not block
    public static Opened open(
            Backend backend,
            V2Store legacy,
            Members members,
            long minLeaseTtlSeconds,
            long quotaBytes,
            ClusterVersion release,
            Credentials credentials,
            Feed watchers)
            throws IOException {
        var leases = new Leases(minLeaseTtlSeconds);
        var rows = new ArrayList<LeaseRow>();
        backend.forEach(Bucket.LEASE, (key, value) -> rows.add(new LeaseRow(key, value)));
        var restored = Store.restore(backend);
        var raised = new ArrayList<byte[]>();
        backend.forEach(Bucket.ALARM, (key, _) -> raised.add(key));
        Alarms alarms;
        Accounts.Loaded accounts;
        try {
            leases.restore(rows, restored.leases());
            alarms = Alarms.restore(raised);
            accounts = Accounts.read(AuthRows.of(backend));
        } catch (InvalidProtocolBufferException damaged) {
            throw ReceivedState.unreadable(backend.path(), damaged);
        }
        var machine = new StateMachine(
                backend,
                restored.store(),
                leases,
                alarms,
                accounts,
                credentials,
                legacy,
                members,
                new Quota(quotaBytes, backend::size),
                release,
                watchers);
        return new Opened(machine, restored.unfinished());
    }

    public Backend backend() {
        return backend;
    }

    public Store store() {
        return store;
    }

    public Leases leases() {
        return leases;
    }

    public Alarms alarms() {
        return alarms;
    }

    public Accounts accounts() {
        return accounts;
    }

    public Members members() {
        return members;
    }

    public Quota quota() {
        return quota;
    }

    /// The legacy tree as a snapshot carries it: members, cluster version and the keys of the v2 API.
    public byte[] saveLegacy() {
        return legacy.save();
    }

    /// Reads a transaction of ranges alone, from the newest moment.
    public Answer<TxnResponse> read(TxnRequest request) throws IOException {
        while (true) {
            var view = store.view();
            var answer = Transactions.read(view, request);
            // A compaction beyond the view may take away what the view showed; a newer view has it.
            boolean overtaken = answer instanceof Answer.Refused<TxnResponse>(var why)
                    && why == Refusal.COMPACTED
                    && (store.view().compactRevision() > view.revision() || !view.isCurrent());
            if (!overtaken) {
                return answer;
            }
        }
    }

    // ---- the applier's ----

    /// Goes over to the state that another member has sent, which is a later one of the same history. Readers
    /// see the one or the other; the key index exists twice meanwhile, for as long as it is read. After an
    /// error the member must stop: a restart goes on from the old files or the new ones.
    ///
    /// @param database came with the snapshot and contains at least what it covers
    /// @return a compaction that is to be driven on, null for none
    /// @throws IncompatibleVersionException when the cluster has gone beyond this release
    public @Nullable Compaction install(Replacement database, Snapshot snapshot) throws IOException {
        var received = ReceivedState.read(database);
        var unfinished = new @Nullable Compaction[1];
        backend.replaceBy(database, () -> unfinished[0] = store.replaceBy(received.contents()));
        leases.restore(received.leases(), received.contents().leases());
        alarms.replaceBy(received.alarms());
        accounts.replaceBy(received.accounts());
        contained = backend.consistentIndex();
        try {
            legacy.recover(snapshot.data());
            members.load();
        } catch (V2FormatException damaged) {
            throw new IOException("the legacy tree of the snapshot can't be read", damaged);
        }
        var version = members.now().version();
        if (version != null) {
            requireServable(version, release);
        }
        watchers.restart(store.view().revision());
        return unfinished[0];
    }

    /// Applies one committed entry, the next one after the last.
    ///
    /// @param nowNanos     for the deadline of a new lease, where this member counts down
    /// @param nowUnixNanos only for the time to live that an answer of the v2 API shows
    /// @throws IOException           when the disk fails, or the entry can't be read, or asks for what this
    ///                               version does not implement: a member that goes on would drift away from
    ///                               the others
    public Applied apply(Entry entry, long nowNanos, long nowUnixNanos) throws IOException {
        var applied = switch (entry.type()) {
            case NORMAL -> applyNormal(entry, nowNanos, nowUnixNanos);
            case CONF_CHANGE -> applyConfiguration(entry);
            case CONF_CHANGE_V2 -> applyReconfiguration(entry);
        };
        backend.consistentIndex(Math.max(entry.index(), contained));
        return applied;
    }

    private Applied applyNormal(Entry entry, long nowNanos, long nowUnixNanos) throws IOException {
        return switch (EntryPayload.decode(entry.data())) {
            case EntryPayload.Empty() -> new Applied.NewTerm(entry.term());
            case EntryPayload.V2(var request) -> applyLegacy(request, nowUnixNanos);
            case EntryPayload.V3 request ->
                entry.index() <= contained ? new Applied.Nothing() : applyRequest(request, entry, nowNanos);
        };
    }

    private Applied applyConfiguration(Entry entry) throws IOException {
        ConfChange change;
        try {
            change = RaftCodec.decodeConfChange(entry.data());
        } catch (MalformedException damaged) {
            throw new IOException("entry " + entry + " can't be read", damaged);
        }
        var result = applyToMembers(() -> members.apply(change));
        if (result instanceof MembershipChange.Refused(var why)) {
            return new Applied.Configuration(new ConfChange(change.id(), change.type(), 0, change.context()), why);
        }
        return new Applied.Configuration(change, null);
    }

    /// All of it or, when one change is refused, nothing. What describes an added member can only be the
    /// context, so there may be one such member in it.
    private Applied applyReconfiguration(Entry entry) throws IOException {
        ConfChangeV2 change;
        try {
            change = RaftCodec.decodeConfChangeV2(entry.data());
            for (var single : change.changes()) {
                if (single.nodeId() != 0 && members.validate(alone(single, change)) != null) {
                    return new Applied.Reconfiguration(ConfChangeV2.NOTHING);
                }
            }
        } catch (MalformedException | V2FormatException damaged) {
            throw new IOException("entry " + entry + " can't be read", damaged);
        }
        for (var single : change.changes()) {
            if (single.nodeId() != 0) {
                applyToMembers(() -> members.apply(alone(single, change)));
            }
        }
        return new Applied.Reconfiguration(change);
    }

    private static ConfChange alone(ConfChangeV2.Single single, ConfChangeV2 of) {
        return new ConfChange(0, single.type(), single.nodeId(), of.context());
    }

    private Applied applyLegacy(Request request, long nowUnixNanos) throws IOException {
        var aboutMembers = applyToMembers(() -> members.apply(request));
        if (aboutMembers instanceof MembershipChange.VersionSet set) {
            requireServable(set.version(), release);
        }
        return new Applied.Legacy(request.getID(), aboutMembers != null ? null : legacy.apply(request, nowUnixNanos));
    }

    /// Checks that a program of this release may serve a cluster of that version.
    ///
    /// @throws IncompatibleVersionException when it may not
    public static void requireServable(ClusterVersion version, ClusterVersion release)
            throws IncompatibleVersionException {
        var refusal = version.refuses(release);
        if (refusal != null) {
            throw new IncompatibleVersionException(refusal);
        }
    }

    @FunctionalInterface
    private interface MembersStep {
        @Nullable
        MembershipChange take() throws V2FormatException;
    }

    private @Nullable MembershipChange applyToMembers(MembersStep step) throws IOException {
        MembershipChange change;
        try {
            change = step.take();
        } catch (V2FormatException damaged) {
            throw new IOException("the membership can't be changed as the log asks", damaged);
        }
        for (var write : writes(change)) {
            store(write);
        }
        return change;
    }

    private static List<BucketWrite> writes(@Nullable MembershipChange change) {
        return switch (change) {
            case null -> List.of();
            case MembershipChange.Added it -> it.writes();
            case MembershipChange.Promoted it -> it.writes();
            case MembershipChange.Removed it -> it.writes();
            case MembershipChange.Updated it -> it.writes();
            case MembershipChange.Published it -> it.writes();
            case MembershipChange.VersionSet it -> it.writes();
            case MembershipChange.PublishedByRemoved _, MembershipChange.Refused _ -> List.of();
        };
    }

    private void store(BucketWrite write) {
        var bucket = switch (write.table()) {
            case MEMBERS -> Bucket.MEMBERS;
            case MEMBERS_REMOVED -> Bucket.MEMBERS_REMOVED;
            case CLUSTER -> Bucket.CLUSTER;
        };
        var value = write.value();
        if (value == null) {
            backend.delete(bucket, write.key());
        } else {
            backend.put(bucket, write.key(), value);
        }
    }

    private void store(Accounts.Table table, byte[] key, byte @Nullable [] value) {
        var bucket = switch (table) {
            case SETTINGS -> Bucket.AUTH;
            case USERS -> Bucket.AUTH_USERS;
            case ROLES -> Bucket.AUTH_ROLES;
        };
        if (value == null) {
            backend.delete(bucket, key);
        } else {
            backend.put(bucket, key, value);
        }
    }

    private Applied applyRequest(EntryPayload.V3 payload, Entry entry, long nowNanos) throws IOException {
        var request = payload.request();
        var refusal = refusalByAlarm(request);
        if (refusal == null) {
            refusal = refusalByRights(request);
        }
        if (refusal != null) {
            return new Applied.Request(payload.id(), new Outcome.Refused<>(refusal), false);
        }
        var account = authRequests.apply(request, entry.index());
        if (account != null) {
            return new Applied.Account(payload.id(), account, request);
        }
        if (request.hasCompaction()) {
            return compact(payload.id(), request.getCompaction());
        }
        if (request.hasLeaseRevoke()) {
            long lease = request.getLeaseRevoke().getID();
            return new Applied.Revoked(payload.id(), revoke(lease), lease);
        }
        // etcd applies what it has no room for and answers that there was none: all members must do the same.
        boolean overQuota = !quota.allows(request);
        Outcome<? extends Message> outcome = change(request, entry, nowNanos);
        boolean exceeded = overQuota && outcome instanceof Outcome.Done;
        return new Applied.Request(
                payload.id(), exceeded ? new Outcome.Refused<>(Refusal.NO_SPACE) : outcome, exceeded);
    }

    private @Nullable Refusal refusalByAlarm(InternalRaftRequest request) {
        boolean changes = request.hasPut()
                || request.hasDeleteRange()
                || request.hasTxn()
                || request.hasCompaction()
                || request.hasLeaseGrant()
                || request.hasLeaseRevoke();
        if (changes && alarms.raised(AlarmType.CORRUPT)) {
            return Refusal.CORRUPT;
        }
        boolean grows = request.hasPut() || request.hasLeaseGrant() || Quota.cost(request) > 0;
        return grows && alarms.raised(AlarmType.NOSPACE) ? Refusal.NO_SPACE : null;
    }

    private @Nullable Refusal refusalByRights(InternalRaftRequest request) {
        var rights = accounts.now();
        return rights.enabled()
                ? Authorization.log(rights, Identity.of(request.getHeader()), leases::keys)
                        .request(request)
                : null;
    }

    private Outcome<? extends Message> change(InternalRaftRequest request, Entry entry, long nowNanos)
            throws IOException {
        if (request.hasPut()) {
            return inTransaction(txn -> transactions.put(txn, request.getPut()));
        }
        if (request.hasTxn()) {
            View before = store.view();
            return inTransaction(txn -> transactions.txn(txn, before, request.getTxn()));
        }
        if (request.hasDeleteRange()) {
            return inTransaction(txn -> new Outcome.Done<>(transactions.delete(txn, request.getDeleteRange())));
        }
        if (request.hasLeaseGrant()) {
            return grant(request.getLeaseGrant(), nowNanos);
        }
        if (request.hasAlarm()) {
            return new Outcome.Done<>(alarm(request.getAlarm()));
        }
        if (request.hasRange()) {
            // Nobody proposes reads any more; there is nothing to change.
            return new Outcome.Done<>(dev.cetera.api.etcdserverpb.RangeResponse.getDefaultInstance());
        }
        throw new IOException("entry " + entry.index() + " of the log ("
                + request.getAllFields().keySet().stream()
                        .map(Descriptors.FieldDescriptor::getName)
                        .filter(name -> !name.equals("header"))
                        .collect(Collectors.joining(", "))
                + ") asks for what this version does not implement");
    }

    @FunctionalInterface
    private interface Step<T> {
        Outcome<T> take(WriteTxn txn) throws IOException;
    }

    private <T> Outcome<T> inTransaction(Step<T> step) throws IOException {
        var txn = store.begin();
        var outcome = step.take(txn);
        publish(txn.end());
        return outcome;
    }

    private void publish(Changes changes) {
        if (!changes.events().isEmpty()) {
            watchers.accept(changes);
        }
    }

    private Applied compact(long id, CompactionRequest request) {
        return switch (store.compact(request.getRevision())) {
            case Answer.Refused<Compaction>(var why) -> new Applied.Request(id, new Outcome.Refused<>(why), false);
            case Answer.Found<Compaction>(var physicalHalf) -> {
                var response = CompactionResponse.newBuilder()
                        .setHeader(Transactions.header(store.view().revision()));
                yield new Applied.Compacting(
                        id, new Outcome.Done<>(response.build()), physicalHalf, request.getPhysical());
            }
        };
    }

    private Outcome<LeaseGrantResponse> grant(LeaseGrantRequest request, long nowNanos) {
        return switch (leases.grant(request.getID(), request.getTTL(), nowNanos)) {
            case Grant.Refused(var why) -> new Outcome.Refused<>(why);
            case Grant.Granted(long id, long ttlSeconds, var row) -> {
                backend.put(Bucket.LEASE, row.key(), row.value());
                yield new Outcome.Done<>(LeaseGrantResponse.newBuilder()
                        .setID(id)
                        .setTTL(ttlSeconds)
                        .build());
            }
        };
    }

    private Outcome<LeaseRevokeResponse> revoke(long id) throws IOException {
        var keys = leases.revoke(id);
        if (keys == null) {
            return new Outcome.Refused<>(Refusal.LEASE_NOT_FOUND);
        }
        var txn = store.begin();
        for (var key : keys) {
            txn.deleteRange(key, NO_END);
        }
        publish(txn.end());
        backend.delete(Bucket.LEASE, leases.forget(id));
        return new Outcome.Done<>(LeaseRevokeResponse.getDefaultInstance());
    }

    private static final byte[] NO_END = {};

    private AlarmResponse alarm(AlarmRequest request) {
        var response = AlarmResponse.newBuilder();
        var alarm = AlarmMember.newBuilder()
                .setMemberID(request.getMemberID())
                .setAlarmValue(request.getAlarmValue()) // also one that only later releases know
                .build();
        switch (request.getAction()) {
            case GET ->
                alarms.list().stream()
                        .filter(raised -> request.getAlarm() == AlarmType.NONE
                                || raised.getAlarmValue() == request.getAlarmValue())
                        .forEach(response::addAlarms);
            case ACTIVATE -> {
                // No alarm of nobody encodes to nothing, and the file takes no empty key.
                if (alarm.getSerializedSize() == 0) {
                    break;
                }
                if (alarms.raise(alarm)) {
                    backend.put(Bucket.ALARM, alarm.toByteArray(), NO_VALUE);
                }
                response.addAlarms(alarm);
            }
            case DEACTIVATE -> {
                if (alarms.disarm(alarm)) {
                    backend.delete(Bucket.ALARM, alarm.toByteArray());
                    response.addAlarms(alarm);
                }
            }
            case UNRECOGNIZED -> {}
        }
        return response.build();
    }

    private static final byte[] NO_VALUE = {};
}
