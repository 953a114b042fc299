package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.Outcome;
import io.grpc.Status;
import java.net.ConnectException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// Which errors say that nothing was done and nothing will be. Whatever is not in the table leaves it open: an
/// error of the transport, a time-out, a member that stops, a text that nobody knows. It is better to leave
/// open what is certain than to be certain of what is not: a checker that is told a lie accuses the innocent.
final class Verdicts {
    /// Why nothing was done.
    enum Ground {
        /// The member looks at the request before it tells anybody of it, and stops there.
        NOT_PROPOSED,
        /// Every member comes to this when it applies the entry, before it changes anything.
        NOTHING_APPLIED,
        /// One or the other, depending on what was asked for; in neither case anything changes.
        EITHER
    }

    private static final Map<Refusal, Ground> NOTHING_DONE = new EnumMap<>(Refusal.class);

    static {
        NOTHING_DONE.put(Refusal.EMPTY_KEY, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.VALUE_PROVIDED, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.LEASE_PROVIDED, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.TOO_MANY_OPS, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.DUPLICATE_KEY, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.REQUEST_TOO_LARGE, Ground.NOT_PROPOSED);
        // The queue of what is committed and not yet applied is too long.
        NOTHING_DONE.put(Refusal.TOO_MANY_REQUESTS, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.NOT_CAPABLE, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.TXN_NEEDS_NEWER_CLUSTER, Ground.NOT_PROPOSED);
        // Said before anything else to whom asks for it in the metadata. Renewals are another matter, see below.
        NOTHING_DONE.put(Refusal.NO_LEADER, Ground.NOT_PROPOSED);
        // Of a request to hand on leadership.
        NOTHING_DONE.put(Refusal.NOT_LEADER, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.BAD_TRANSFEREE, Ground.NOT_PROPOSED);

        // An operation without content, at once; ignore_value and ignore_lease of an absent key, when applied.
        NOTHING_DONE.put(Refusal.KEY_NOT_FOUND, Ground.EITHER);
        // Of reads at once; of compactions, and of reads inside of transactions, before the first write of those.
        NOTHING_DONE.put(Refusal.COMPACTED, Ground.EITHER);
        NOTHING_DONE.put(Refusal.FUTURE_REVISION, Ground.EITHER);
        NOTHING_DONE.put(Refusal.LEASE_TTL_TOO_LARGE, Ground.EITHER);
        NOTHING_DONE.put(Refusal.LEASE_NOT_FOUND, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.LEASE_EXISTS, Ground.NOTHING_APPLIED);
        // While the alarm is raised, what would change something is passed over.
        NOTHING_DONE.put(Refusal.CORRUPT, Ground.NOTHING_APPLIED);
        // A member asks before it tells anybody, and each one does when it applies the entry.
        NOTHING_DONE.put(Refusal.USER_EMPTY, Ground.EITHER);
        NOTHING_DONE.put(Refusal.INVALID_TOKEN, Ground.NOT_PROPOSED);
        NOTHING_DONE.put(Refusal.PERMISSION_DENIED, Ground.EITHER);
        NOTHING_DONE.put(Refusal.OLD_AUTH_REVISION, Ground.EITHER);
        NOTHING_DONE.put(Refusal.AUTH_NOT_ENABLED, Ground.EITHER);
        NOTHING_DONE.put(Refusal.AUTH_FAILED, Ground.EITHER);
        NOTHING_DONE.put(Refusal.INVALID_AUTH_MANAGEMENT, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.ROOT_USER_MISSING, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.ROOT_ROLE_MISSING, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.USER_EXISTS, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.USER_NOT_FOUND, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.ROLE_EXISTS, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.ROLE_NOT_FOUND, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.ROLE_NOT_GRANTED, Ground.NOTHING_APPLIED);
        NOTHING_DONE.put(Refusal.PERMISSION_NOT_GRANTED, Ground.NOTHING_APPLIED);
        // Not for what needs space, see below.
        NOTHING_DONE.put(Refusal.NO_SPACE, Ground.EITHER);
    }

    private Verdicts() {}

    /// The table, for its test.
    static Map<Refusal, Ground> nothingDone() {
        return Collections.unmodifiableMap(NOTHING_DONE);
    }

    /// What came of a request that ended so.
    static Outcome of(Message request, Status status) {
        String text = status.getDescription() == null ? "" : status.getDescription();
        if (status.getCause() instanceof ConnectException notConnected) {
            // There was no connection to send it on.
            return new Outcome.Refused(status.getCode(), "never sent: " + notConnected.getMessage());
        }
        for (var refusal : NOTHING_DONE.keySet()) {
            if (refusal.text().equals(text) && !mayBeDoneInSpite(refusal, request)) {
                return new Outcome.Refused(status.getCode(), text);
            }
        }
        return new Outcome.Unknown(status.getCode() + ": " + text);
    }

    private static boolean mayBeDoneInSpite(Refusal refusal, Message request) {
        return switch (refusal) {
            // What finds too little space only when it is applied is applied all the same, and answered with this.
            case NO_SPACE ->
                request instanceof PutRequest || request instanceof TxnRequest || request instanceof LeaseGrantRequest;
            // A member that passed the renewal on to the leader, and heard nothing, looks for the next leader.
            case NO_LEADER -> request instanceof LeaseKeepAliveRequest;
            default -> false;
        };
    }
}
