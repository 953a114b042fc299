package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.lease.Leases;
import dev.cetera.logs.Log;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Has the leases revoked that have ended by the leader's clock.
///
/// A member that was stopped for a while and goes on may take itself for the leader of a term that is over,
/// and leases for ended that were renewed with somebody else. So each revocation is good for one term only,
/// the one whose first entry made this member count down: it enters the log of that term's leader, where it is
/// committed only if there was no other leader since, or it goes nowhere.
///
/// Shared: atomics and a concurrent set.
final class LeaseExpiry {
    /// Revocations of ended leases on their way at once.
    private static final int MAX_REVOKING = 1_000;

    private static final Log LOG = Log.of("etcdserver");

    private final Leases leases;
    private final Proposer proposer;
    private final Meters meters;

    /// Ended leases whose revocation is on its way.
    private final Set<Long> revoking = ConcurrentHashMap.newKeySet();

    /// In which this member counts down; 0 when it does not.
    private volatile long term;

    LeaseExpiry(Leases leases, Proposer proposer, Meters meters) {
        this.leases = leases;
        this.proposer = proposer;
        this.meters = meters;
    }

    /// This member has become the leader of a term, and counts down from now on.
    void promoted(long newTerm) {
        term = newTerm;
    }

    /// This member has stopped counting down.
    void demoted() {
        term = 0;
    }

    void revokeEnded(long nowNanos) {
        long current = term;
        if (current == 0) {
            return;
        }
        // Those on their way are named again, and come first.
        int most = Math.min(Leases.EXPIRED_PER_CHECK + revoking.size(), MAX_REVOKING);
        for (long lease : leases.expiredAt(nowNanos, most)) {
            if (revoking.add(lease)) {
                revoke(lease, current);
            }
        }
    }

    private void revoke(long lease, long inTerm) {
        var request = InternalRaftRequest.newBuilder()
                .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease));
        proposer.propose(request, inTerm, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                if (outcome instanceof Outcome.Refused<? extends Message>(var why) && why != Refusal.LEASE_NOT_FOUND) {
                    // Somebody's rights have changed meanwhile, and the next check proposes it under the new ones.
                    refused(why);
                    return;
                }
                revoking.remove(lease);
                meters.leaseExpired();
            }

            @Override
            public void refused(Refusal why) {
                revoking.remove(lease);
                LOG.warning("failed to revoke " + HexFormat.of().toHexDigits(lease) + " (\"" + why.text() + "\")");
            }
        });
    }
}
