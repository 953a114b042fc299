package dev.cetera.node;

import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Membership;
import dev.cetera.logs.Log;
import org.jspecify.annotations.Nullable;

/// Says what has become of the members and the version of the cluster, in etcd's words. Immutable.
final class MembershipLog {
    private static final Log LOG = Log.of("etcdserver/membership");
    private static final Log API_LOG = Log.of("etcdserver/api");

    private final String clusterId;

    MembershipLog(long clusterId) {
        this.clusterId = MemberId.text(clusterId);
    }

    /// What a snapshot held.
    void loaded(Membership from) {
        for (var member : from.members()) {
            LOG.info(added(member) + " from store");
        }
        var version = from.version();
        if (version != null) {
            LOG.info("set the cluster version to " + version.shortText() + " from store");
            API_LOG.info("enabled capabilities for version " + version.shortText());
        }
    }

    /// What one entry changed.
    void changed(Membership before, Membership after) {
        for (var member : after.members()) {
            var known = before.member(member.id());
            if (known == null) {
                LOG.info(added(member));
            } else if (!known.peerUrls().equals(member.peerUrls())) {
                LOG.notice("updated member " + MemberId.text(member.id()) + " " + urls(member) + " in cluster "
                        + clusterId);
            }
        }
        for (var member : before.members()) {
            if (after.member(member.id()) == null) {
                LOG.info("removed member " + MemberId.text(member.id()) + " from cluster " + clusterId);
            }
        }
        versionChanged(before.version(), after.version());
    }

    private static void versionChanged(@Nullable ClusterVersion before, @Nullable ClusterVersion after) {
        if (after == null || after.equals(before)) {
            return;
        }
        LOG.notice(
                before == null
                        ? "set the initial cluster version to " + after.shortText()
                        : "updated the cluster version from " + before.shortText() + " to " + after.shortText());
        API_LOG.info("enabled capabilities for version " + after.shortText());
    }

    private String added(Member member) {
        return "added member " + MemberId.text(member.id()) + " " + urls(member) + " to cluster " + clusterId;
    }

    private static String urls(Member member) {
        return "[" + String.join(" ", member.peerUrls()) + "]";
    }
}
