package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.cluster.ClusterVersion;
import org.jspecify.annotations.Nullable;

/// What may be proposed to a cluster of some version. The version is that of its oldest member, and an entry
/// must mean the same to all of them: an older one ignores what it does not know and ends up with other keys,
/// or stops for good. Immutable.
///
/// @param version null while the cluster has not agreed on one
record Capabilities(@Nullable ClusterVersion version) {
    private static final ClusterVersion NESTED_TXN = new ClusterVersion(3, 3, 0);
    private static final ClusterVersion CORRUPT_ALARM = new ClusterVersion(3, 3, 0);
    private static final ClusterVersion LEARNERS = new ClusterVersion(3, 4, 0);

    private boolean atLeast(ClusterVersion needed) {
        return version != null && version.compareTo(needed) >= 0;
    }

    /// Why a request must not be proposed; null if it may.
    @Nullable
    Refusal refuses(InternalRaftRequest.Builder request) {
        if (request.hasTxn() && !atLeast(NESTED_TXN) && isBeyond32(request.getTxn())) {
            return Refusal.TXN_NEEDS_NEWER_CLUSTER;
        }
        if (request.hasAlarm() && !atLeast(CORRUPT_ALARM) && raisesCorrupt(request.getAlarm())) {
            return Refusal.CORRUPT_ALARM_NEEDS_NEWER_CLUSTER;
        }
        return null;
    }

    /// Why a change of the membership that is about a learner must not be proposed; null if it may.
    @Nullable
    Refusal refusesLearners() {
        return atLeast(LEARNERS) ? null : Refusal.LEARNERS_NEED_NEWER_CLUSTER;
    }

    /// Whether members of 3.2 would take a transaction for another one.
    private static boolean isBeyond32(TxnRequest txn) {
        for (var compare : txn.getCompareList()) {
            if (!compare.getRangeEnd().isEmpty() || compare.getTarget() == Compare.CompareTarget.LEASE) {
                return true;
            }
        }
        return txn.getSuccessList().stream().anyMatch(op -> op.hasRequestTxn())
                || txn.getFailureList().stream().anyMatch(op -> op.hasRequestTxn());
    }

    /// Members of 3.2 would go on writing, and the others not.
    private static boolean raisesCorrupt(AlarmRequest alarm) {
        return alarm.getAction() == AlarmRequest.AlarmAction.ACTIVATE && alarm.getAlarm() == AlarmType.CORRUPT;
    }
}
