package dev.cetera.node;

import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.logs.Log;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Has the leader ask all members which release they run, and raise the version of the cluster to the lowest
/// of them. It is never lowered: members may have used what it allows.
///
/// Shared: one round of questions at a time, held by an atomic.
final class VersionMonitor {
    /// Between two rounds. Members close a connection that is idle for 5 s, and the next round is to find it
    /// open.
    static final long ROUND_NANOS = 4_000_000_000L;

    private static final Log LOG = Log.of("etcdserver");

    private final long memberId;
    private final Members members;
    private final Peers peers;
    private final Time time;
    private final Supplier<Status> status;
    private final Proposer proposer;

    private final AtomicBoolean asking = new AtomicBoolean();

    /// Whether a new term has come while a round was under way.
    private final AtomicBoolean again = new AtomicBoolean();

    private volatile long lastNanos;

    VersionMonitor(long memberId, Members members, Peers peers, Time time, Supplier<Status> status, Proposer proposer) {
        this.memberId = memberId;
        this.members = members;
        this.peers = peers;
        this.time = time;
        this.status = status;
        this.proposer = proposer;
        this.lastNanos = time.nanos() - ROUND_NANOS;
    }

    /// To be called often; a round begins when it is time.
    void check() {
        if (time.nanos() - lastNanos >= ROUND_NANOS) {
            round();
        }
    }

    /// A new leader decides at once.
    void newTerm() {
        again.set(true);
        round();
    }

    private void round() {
        if (status.get().role() != Role.LEADER || !asking.compareAndSet(false, true)) {
            return;
        }
        again.set(false);
        lastNanos = time.nanos();
        var answers = new ArrayList<CompletableFuture<Release>>();
        for (var member : members.now().members()) {
            answers.add(release(member));
        }
        var _ = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenRun(() -> decided(
                        decide(answers.stream().map(CompletableFuture::join).toList(), Boot.RELEASE)))
                .whenComplete((_, _) -> {
                    asking.set(false);
                    if (again.get()) {
                        round();
                    }
                });
    }

    /// What one member runs.
    ///
    /// @param text null when it could not be asked
    record Release(long member, @Nullable String text) {}

    private CompletableFuture<Release> release(Member member) {
        if (member.id() == memberId) {
            return CompletableFuture.completedFuture(new Release(memberId, Boot.RELEASE.text()));
        }
        return peers.versions(member).handle((versions, failed) -> {
            if (versions != null) {
                return new Release(member.id(), versions.server());
            }
            var cause = failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
            LOG.warning(
                    "cannot get the version of member " + MemberId.text(member.id()) + " (" + cause.getMessage() + ")");
            return new Release(member.id(), null);
        });
    }

    /// The lowest of the releases, without its patch level; null when one of them is not known.
    ///
    /// @param ours what this member runs; it warns of higher ones
    static @Nullable ClusterVersion decide(List<Release> releases, ClusterVersion ours) {
        ClusterVersion lowest = null;
        for (var release : releases) {
            var text = release.text();
            if (text == null) {
                return null;
            }
            var version = ClusterVersion.parse(text);
            if (version == null) {
                LOG.error("cannot understand the version of member " + MemberId.text(release.member()) + " (" + text
                        + ")");
                return null;
            }
            if (ours.compareTo(version) < 0) {
                LOG.warning("the local etcd version " + ours.text() + " is not up-to-date");
                LOG.warning("member " + MemberId.text(release.member()) + " has a higher version " + text);
            }
            if (lowest == null || version.compareTo(lowest) < 0) {
                lowest = version;
            }
        }
        return lowest == null ? null : lowest.withoutPatch();
    }

    private void decided(@Nullable ClusterVersion decision) {
        var current = members.now().version();
        if (status.get().role() != Role.LEADER) {
            return;
        }
        if (current == null) {
            var first = decision == null ? ClusterVersion.LOWEST : decision;
            LOG.info("setting up the initial cluster version to " + first.shortText());
            propose(first);
        } else if (decision != null && decision.compareTo(current) > 0) {
            LOG.info("updating the cluster version from " + current.shortText() + " to " + decision.shortText());
            propose(decision);
        }
    }

    private void propose(ClusterVersion version) {
        proposer.legacy(id -> Members.setVersion(id, version));
    }
}
