package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.apply.Outcome.Refused;
import dev.cetera.lease.Leases;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One moment of a store: its keys now and at all revisions before, what is compacted, and the leases.
/// Immutable, and cheap to branch from: what follows shares what is the same.
///
/// It knows no time. That a lease ends is a step of its own ([#endLease]).
public final class State {
    /// Nothing written, revision 1.
    public static final State EMPTY = new State(Moment.FIRST, -1, SortedTree.empty(Comparator.<Long>naturalOrder()), 0);

    /// What a request comes to. A refused one changes nothing.
    public record Step(State after, Outcome<? extends Message> outcome) {}

    private final Moment now;
    private final long compacted;
    private final SortedTree<Long, Long> ttls;
    private final long leasesPrint;

    private State(Moment now, long compacted, SortedTree<Long, Long> ttls, long leasesPrint) {
        this.now = now;
        this.compacted = compacted;
        this.ttls = ttls;
        this.leasesPrint = leasesPrint;
    }

    // ---- what there is ----

    public long revision() {
        return now.revision();
    }

    /// The first revision that can still be read, -1 when nothing was compacted.
    public long compacted() {
        return compacted;
    }

    /// The time to live of each lease, in seconds, as it was asked for.
    public SortedMap<Long, Long> leases() {
        var leases = new TreeMap<Long, Long>();
        ttls.forEach(leases::put);
        return leases;
    }

    public boolean hasLease(long id) {
        return ttls.get(id) != null;
    }

    /// All keys in order, as they were at a revision; compacted or not, the model forgets nothing.
    public List<KeyValue> keysAt(long revision) {
        return now.at(revision).keys().values();
    }

    public @Nullable KeyValue get(ByteString key) {
        return now.keys().get(key);
    }

    /// Keys attached to a lease, in order.
    public List<ByteString> attached(long lease) {
        return now.keys().values().stream()
                .filter(kv -> kv.getLease() == lease)
                .map(KeyValue::getKey)
                .toList();
    }

    /// What a revision changed, in order, each event with the key-value before it.
    public List<Event> eventsOf(long revision) {
        return now.at(revision).events();
    }

    /// The state as it was at a revision, of which nothing was compacted; without leases.
    public State asOf(long revision) {
        return new State(now.at(revision), -1, EMPTY.ttls, 0);
    }

    /// The same for equal states, and nearly certainly another one for others: all revisions count, with what
    /// is compacted and which leases there are.
    public long print() {
        return (now.print() ^ leasesPrint) * 0x9E3779B97F4A7C15L + compacted;
    }

    /// etcd's HashKV of a revision when another one is compacted; null when no key lives then: etcd hashes
    /// what the compaction has not got to yet.
    public @Nullable Integer hash(long revision, long compactedThen) {
        return KeysHash.of(now.at(revision), compactedThen);
    }

    // ---- what happens ----

    /// Carries out a request of a client. A grant must have its id.
    public Step apply(Message request) {
        return switch (request) {
            case PutRequest put -> new Writing(this, now, ttls).put(put);
            case DeleteRangeRequest delete -> new Writing(this, now, ttls).delete(delete);
            case TxnRequest txn -> new Writing(this, now, ttls).txn(txn);
            case RangeRequest range -> new Writing(this, now, ttls).range(range);
            case CompactionRequest compaction -> compact(compaction.getRevision());
            case LeaseGrantRequest grant -> grant(grant);
            case LeaseRevokeRequest revoke ->
                hasLease(revoke.getID())
                        ? new Step(endLease(revoke.getID()), new Done<>(LeaseRevokeResponse.getDefaultInstance()))
                        : refused(Refusal.LEASE_NOT_FOUND);
            default -> throw new IllegalArgumentException("the model knows no " + request.getClass());
        };
    }

    private Step compact(long revision) {
        if (revision <= compacted) {
            return refused(Refusal.COMPACTED);
        }
        if (revision > revision()) {
            return refused(Refusal.FUTURE_REVISION);
        }
        var response =
                CompactionResponse.newBuilder().setHeader(header(revision())).build();
        return new Step(new State(now, revision, ttls, leasesPrint), new Done<>(response));
    }

    private Step grant(LeaseGrantRequest request) {
        long id = request.getID();
        if (request.getTTL() > Leases.MAX_TTL_SECONDS) {
            return refused(Refusal.LEASE_TTL_TOO_LARGE);
        }
        if (hasLease(id)) {
            return refused(Refusal.LEASE_EXISTS);
        }
        var response = LeaseGrantResponse.newBuilder().setID(id).setTTL(request.getTTL());
        return new Step(
                new State(now, compacted, ttls.with(id, request.getTTL()), leasesPrint ^ print(id)),
                new Done<>(response.build()));
    }

    /// A lease ends, and all keys attached to it with it, in one revision.
    public State endLease(long id) {
        if (!hasLease(id)) {
            throw new IllegalArgumentException("there is no lease " + id);
        }
        var writing = new Writing(this, now, ttls);
        attached(id).forEach(writing::delete);
        return new State(writing.moment(), compacted, ttls.without(id), leasesPrint ^ print(id));
    }

    private static long print(long lease) {
        long mixed = (lease + 0x632BE59BD9B4E019L) * 0xBF58476D1CE4E5B9L;
        return (mixed ^ mixed >>> 31) * 0x94D049BB133111EBL;
    }

    State movedTo(Moment moment) {
        return new State(moment, compacted, ttls, leasesPrint);
    }

    Step refused(Refusal why) {
        return new Step(this, new Refused<>(why));
    }

    static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }
}
