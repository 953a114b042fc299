package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome;
import dev.cetera.lab.model.State;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the store must be after the requests of a log, one after the other. Confined.
final class Model {
    private State state;

    Model() {
        this(State.EMPTY);
    }

    private Model(State state) {
        this.state = state;
    }

    Model copy() {
        return new Model(state);
    }

    long revision() {
        return state.revision();
    }

    long compacted() {
        return state.compacted();
    }

    Map<Long, Long> leases() {
        return state.leases();
    }

    /// The keys as they were at a revision, in order; the newest one's for a revision to come.
    Map<ByteString, KeyValue> at(long asked) {
        var keys = new TreeMap<ByteString, KeyValue>(ByteString.unsignedLexicographicalComparator());
        state.keysAt(Math.min(asked, state.revision())).forEach(kv -> keys.put(kv.getKey(), kv));
        return Collections.unmodifiableMap(keys);
    }

    /// Keys attached to a lease.
    Set<ByteString> attached(long lease) {
        var keys = new TreeSet<ByteString>(ByteString.unsignedLexicographicalComparator());
        keys.addAll(state.attached(lease));
        return keys;
    }

    /// etcd's HashKV at the current revision; null when no key lives.
    @Nullable
    Integer hash() {
        return state.hash(state.revision(), state.compacted());
    }

    Outcome<? extends Message> apply(InternalRaftRequest request) {
        var step = state.apply(requestIn(request));
        state = step.after();
        return step.outcome();
    }

    private static Message requestIn(InternalRaftRequest request) {
        if (request.hasPut()) {
            return request.getPut();
        }
        if (request.hasDeleteRange()) {
            return request.getDeleteRange();
        }
        if (request.hasTxn()) {
            return request.getTxn();
        }
        if (request.hasCompaction()) {
            return request.getCompaction();
        }
        if (request.hasLeaseGrant()) {
            return request.getLeaseGrant();
        }
        if (request.hasLeaseRevoke()) {
            return request.getLeaseRevoke();
        }
        throw new IllegalStateException("the simulation does not make such requests: " + request);
    }
}
