package dev.cetera.node;

import dev.cetera.cluster.BadClusterException;
import dev.cetera.cluster.InitialCluster;
import dev.cetera.cluster.MemberId;
import java.util.List;

/// Founds a cluster: all founders compute the same ids and the same first entries from the same flags, without
/// a word to each other. Immutable.
final class Founding {
    /// As long as etcd waits for an answer that may never come: most of the others don't run yet.
    private static final long ASK_NANOS = 1_000_000_000;

    private final MemberConfig config;
    private final Surroundings around;

    Founding(MemberConfig config, Surroundings around) {
        this.config = config;
        this.around = around;
    }

    /// @throws StartException when the flags contradict each other
    Beginning describe() throws StartException {
        return describe(cluster());
    }

    private InitialCluster cluster() throws StartException {
        try {
            var cluster = InitialCluster.parse(config.initialCluster());
            cluster.check(config.name());
            cluster.checkAdvertised(config.name(), config.peerUrls(), around.resolve());
            return cluster;
        } catch (BadClusterException bad) {
            throw new StartException(String.valueOf(bad.getMessage()), bad);
        }
    }

    private Beginning describe(InitialCluster cluster) throws StartException {
        try {
            var founding = cluster.found(config.clusterToken());
            long own = MemberId.founding(cluster.urls(config.name()), config.clusterToken());
            return new Beginning(own, founding.clusterId(), founding.confChanges(), List.of());
        } catch (BadClusterException bad) {
            throw new StartException(String.valueOf(bad.getMessage()), bad);
        }
    }

    /// As [#describe], for the first time: a member that the others know to have run before has lost its data,
    /// and must not begin again under the same name as if it had promised nothing.
    ///
    /// @throws StartException also then
    Beginning begin() throws StartException {
        var cluster = cluster();
        var beginning = describe(cluster);
        var running = new RunningCluster(around.peers()).ask(others(cluster, config.name()), ASK_NANOS);
        if (running instanceof RunningCluster.Found(var view)) {
            for (var member : view.members()) {
                if (member.id() == beginning.memberId() && !member.clientUrls().isEmpty()) {
                    throw new StartException("member " + MemberId.text(member.id()) + " has already been bootstrapped");
                }
            }
        }
        return beginning;
    }

    /// The peer URLs of all but one, in order.
    static List<String> others(InitialCluster cluster, String name) {
        return cluster.names().stream()
                .filter(other -> !other.equals(name))
                .flatMap(other -> cluster.urls(other).stream())
                .sorted()
                .toList();
    }
}
