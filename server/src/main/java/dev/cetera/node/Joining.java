package dev.cetera.node;

import dev.cetera.cluster.BadClusterException;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.InitialCluster;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.logs.Log;
import dev.cetera.node.Peers.ClusterView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Joins a running cluster, which was told of this member before: its members say who they are, who this one
/// is and what the cluster is called. Immutable.
final class Joining {
    /// As long as etcd waits for each.
    private static final long ASK_NANOS = 10_000_000_000L;

    private static final Log LOG = Log.of("etcdserver");

    private final MemberConfig config;
    private final Surroundings around;

    Joining(MemberConfig config, Surroundings around) {
        this.config = config;
        this.around = around;
    }

    /// @throws StartException when nobody answers, or the flags don't describe the cluster that does
    Beginning begin() throws StartException {
        var local = local();
        var view = fetch(local);
        var members = match(local, view);
        var own = members.stream()
                .filter(member -> member.name().equals(config.name()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("checked: the local name is among them"));
        if (!isCompatible(members, own.id())) {
            throw new StartException("incompatible with current running cluster");
        }
        return new Beginning(own.id(), view.clusterId(), List.of(), view.members());
    }

    private InitialCluster local() throws StartException {
        try {
            var cluster = InitialCluster.parse(config.initialCluster());
            cluster.check(config.name());
            return cluster;
        } catch (BadClusterException bad) {
            throw new StartException(String.valueOf(bad.getMessage()), bad);
        }
    }

    private ClusterView fetch(InitialCluster local) throws StartException {
        var urls = Founding.others(local, config.name());
        var answer = new RunningCluster(around.peers()).ask(urls, ASK_NANOS);
        return switch (answer) {
            case RunningCluster.Found(var view)
            when view.members().isEmpty() ->
                throw new StartException(
                        "cannot fetch cluster info from peer urls: failed to get raft cluster member(s)"
                                + " from the given urls.");
            case RunningCluster.Found(var view) -> view;
            case RunningCluster.NotFound nobody -> {
                RunningCluster.tell(nobody);
                throw new StartException("cannot fetch cluster info from peer urls: could not retrieve cluster"
                        + " information from the given urls");
            }
        };
    }

    /// The members as the flags name them, with the ids that the cluster has given them.
    private List<Member> match(InitialCluster local, ClusterView view) throws StartException {
        var names = new ArrayList<>(local.names());
        names.sort(Comparator.comparing(name -> local.urls(name).getFirst()));
        var there = new ArrayList<>(view.members());
        there.sort(Comparator.comparing(member -> sorted(member.peerUrls()).getFirst()));
        if (names.size() != there.size()) {
            throw unequal(view, "member count is unequal");
        }
        var matched = new ArrayList<Member>();
        for (int i = 0; i < names.size(); i++) {
            var member = there.get(i);
            var urls = local.urls(names.get(i));
            var difference = InitialCluster.difference(sorted(member.peerUrls()), urls, around.resolve());
            if (!difference.isEmpty()) {
                throw unequal(view, "unmatched member while checking PeerURLs (" + difference + ")");
            }
            matched.add(Member.of(member.id(), urls, names.get(i)));
        }
        return matched;
    }

    private static List<String> sorted(List<String> urls) {
        return urls.stream().sorted().toList();
    }

    private static StartException unequal(ClusterView view, String why) {
        var members = view.members().stream()
                .map(member -> "&{ID:" + MemberId.text(member.id()) + " RaftAttributes:{PeerURLs:"
                        + bracketed(member.peerUrls()) + "} Attributes:{Name:" + member.name() + " ClientURLs:"
                        + bracketed(member.clientUrls()) + "}}")
                .collect(Collectors.joining(" "));
        return new StartException("error validating peerURLs {ClusterID:" + MemberId.text(view.clusterId())
                + " Members:[" + members + "] RemovedMemberIDs:[]}: " + why);
    }

    private static String bracketed(List<String> texts) {
        return "[" + String.join(" ", texts) + "]";
    }

    /// Whether this release can serve at the cluster's version: one of the others must say so, none must say
    /// something else, and those that don't answer are passed over.
    private boolean isCompatible(List<Member> members, long own) throws StartException {
        boolean compatible = false;
        for (var member : members) {
            var version = member.id() == own ? null : clusterVersion(member);
            if (version == null) {
                continue;
            }
            var most = Boot.RELEASE.withoutPatch();
            if (version.compareTo(ClusterVersion.LOWEST) < 0) {
                LOG.warning("the running cluster version(" + version.text()
                        + ") is lower than the minimal cluster version(" + ClusterVersion.LOWEST.text()
                        + ") supported");
                return false;
            }
            if (version.compareTo(most) > 0) {
                LOG.warning("the running cluster version(" + version.text()
                        + ") is higher than the maximum cluster version(" + most.text() + ") supported");
                return false;
            }
            compatible = true;
        }
        return compatible;
    }

    private @Nullable ClusterVersion clusterVersion(Member member) throws StartException {
        var id = MemberId.text(member.id());
        String text;
        try {
            text = RunningCluster.wait(around.peers().versions(member), ASK_NANOS)
                    .cluster();
        } catch (PeerException failed) {
            LOG.warning("cannot get the version of member " + id + " (" + failed.getMessage() + ")");
            return null;
        }
        var version = ClusterVersion.parse(text);
        if (version == null) {
            LOG.error("cannot understand the cluster version of member " + id + " (" + text
                    + " is not in dotted-tri format)");
        }
        return version;
    }
}
