package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Membership;
import dev.cetera.config.GoDuration;
import dev.cetera.logs.Log;
import dev.cetera.mvcc.KvHash;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Compares the keys of this member with the others', by hashes as of one revision: once before it serves
/// anybody ([#initial]), and from time to time while it leads ([#round]).
///
/// Shared: atomics. Nothing blocks.
public final class CorruptionCheck {
    private static final Log LOG = Log.of("etcdserver");

    private final long memberId;
    private final Supplier<Membership> members;
    private final Peers peers;
    private final Self self;
    private final long timeoutNanos;
    private final AtomicBoolean running = new AtomicBoolean();

    /// What a check needs of the member itself.
    interface Self {
        /// Hashes the keys as of the newest revision, which takes a while, on another thread.
        void hash(Answer<KvHash> answer);

        void linearize(Answer<Long> answer);

        boolean leads();

        /// Has an alarm raised for a member, if it can be done.
        void raiseCorrupt(long member);
    }

    CorruptionCheck(long memberId, Supplier<Membership> members, Peers peers, Self self, MemberConfig config) {
        this.memberId = memberId;
        this.members = members;
        this.peers = peers;
        this.self = self;
        this.timeoutNanos = config.requestTimeoutMillis() * 1_000_000;
    }

    /// Of the keys of a member.
    ///
    /// @param work for the hashing
    public static CorruptionCheck of(Engine engine, LongWork work, Peers peers) {
        var self = new OwnKeys(engine, work);
        return new CorruptionCheck(engine.memberId(), engine::membership, peers, self, engine.config());
    }

    /// What another member said, or why it said nothing.
    private record Told(
            Member member,
            @Nullable HashKVResponse hash,
            @Nullable PeerException failure) {}

    // ---- before it serves ----

    /// Fails with a [StartException] when the keys differ from another member's as of the same revision and
    /// compaction. Members that can't be asked, or can't tell, are passed over.
    public CompletableFuture<Void> initial() {
        LOG.info(id(memberId) + " starting initial corruption check with timeout " + GoDuration.text(timeoutNanos)
                + "...");
        return ownHash()
                .thenCompose(own -> ask(own.revision()).thenAccept(all -> {
                    long different = all.stream()
                            .filter(told -> differsInitially(own, told))
                            .count();
                    if (different > 0) {
                        throw new CompletionException(
                                new StartException(id(memberId) + " found data inconsistency with peers"));
                    }
                    LOG.info(id(memberId) + " succeeded on initial corruption checking: no corruption");
                }));
    }

    private boolean differsInitially(KvHash own, Told told) {
        var hash = told.hash();
        if (hash == null) {
            tellWhyNot(own, told);
            return false;
        }
        if (hash.getHash() == own.hash()) {
            return false;
        }
        var peer = id(told.member().id());
        if (hash.getCompactRevision() != own.compactRevision()) {
            LOG.warning(id(memberId) + " cannot check hash of peer(" + peer
                    + "): peer has a different compact revision " + hash.getCompactRevision() + " (revision:"
                    + own.revision() + ")");
            return false;
        }
        LOG.error(id(memberId) + "'s hash " + unsigned(own.hash()) + " != " + peer + "'s hash "
                + unsigned(hash.getHash()) + " (revision " + own.revision() + ", peer revision "
                + hash.getHeader().getRevision() + ", compact revision " + own.compactRevision() + ")");
        return true;
    }

    private void tellWhyNot(KvHash own, Told told) {
        var failure = told.failure();
        var why = failure == null ? null : failure.refusal();
        if (why != Refusal.FUTURE_REVISION && why != Refusal.COMPACTED) {
            return;
        }
        var urls =
                told.member().peerUrls().stream().map(url -> "\"" + url + "\"").toList();
        LOG.warning(id(memberId) + " cannot check the hash of peer([" + String.join(" ", urls) + "]) at revision "
                + own.revision() + ": "
                + (why == Refusal.FUTURE_REVISION ? "peer is lagging behind" : "local node is lagging behind") + "(\""
                + why.text() + "\")");
    }

    // ---- while it leads ----

    /// One comparison, unless another member leads or the last one is not over.
    public void round() {
        if (!self.leads() || !running.compareAndSet(false, true)) {
            return;
        }
        var _ = ownHash()
                .thenCompose(before -> ask(before.revision())
                        .thenCompose(all -> linearized()
                                .thenCompose(_ -> ownHash())
                                .thenAccept(after -> compare(before, after, all))))
                .whenComplete((_, failed) -> {
                    running.set(false);
                    if (failed != null) {
                        LOG.debug("check hash kv failed " + reason(failed));
                    }
                });
    }

    /// The alarm is raised for the first member that is found, and for no other in this round.
    private void compare(KvHash before, KvHash after, List<Told> all) {
        var suspects = new ArrayList<Long>();
        if (after.hash() != before.hash()
                && after.revision() == before.revision()
                && after.compactRevision() == before.compactRevision()) {
            LOG.warning("mismatched hashes " + unsigned(before.hash()) + " and " + unsigned(after.hash())
                    + " for revision " + before.revision());
            suspects.add(memberId);
        }
        for (var told : all) {
            var hash = told.hash();
            if (hash != null && suspicious(before, after, told.member().id(), hash)) {
                suspects.add(told.member().id());
            }
        }
        if (!suspects.isEmpty()) {
            self.raiseCorrupt(suspects.getFirst());
        }
    }

    private static boolean suspicious(KvHash before, KvHash after, long member, HashKVResponse hash) {
        boolean suspicious = false;
        long revision = hash.getHeader().getRevision();
        if (revision > after.revision()) {
            LOG.warning(
                    "revision " + revision + " from member " + id(member) + ", expected at most " + after.revision());
            suspicious = true;
        }
        if (hash.getCompactRevision() > after.compactRevision()) {
            LOG.warning("compact revision " + hash.getCompactRevision() + " from member " + id(member)
                    + ", expected at most " + after.compactRevision());
            suspicious = true;
        }
        if (hash.getCompactRevision() == before.compactRevision() && hash.getHash() != before.hash()) {
            LOG.warning("hash " + unsigned(hash.getHash()) + " at revision " + before.revision() + " from member "
                    + id(member) + ", expected hash " + unsigned(before.hash()));
            suspicious = true;
        }
        return suspicious;
    }

    // ---- how it is asked ----

    private CompletableFuture<KvHash> ownHash() {
        var hash = new CompletableFuture<KvHash>();
        self.hash(completing(hash));
        return hash;
    }

    private CompletableFuture<Long> linearized() {
        var index = new CompletableFuture<Long>();
        self.linearize(completing(index));
        return index;
    }

    private static <T> Answer<T> completing(CompletableFuture<T> future) {
        return new Answer<>() {
            @Override
            public void done(T value) {
                future.complete(value);
            }

            @Override
            public void refused(Refusal why) {
                future.completeExceptionally(new PeerException(why.text(), why));
            }
        };
    }

    /// All other members, at once. Each answers or fails within a bounded time.
    private CompletableFuture<List<Told>> ask(long revision) {
        var others = members.get().members().stream()
                .filter(member -> member.id() != memberId && !member.peerUrls().isEmpty())
                .map(member -> peers.hashKv(member, revision)
                        .<Told>handle((hash, failed) -> new Told(member, hash, peerException(failed))))
                .toList();
        return CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).thenApply(_ -> {
            var all = others.stream().map(CompletableFuture::join).toList();
            all.forEach(told -> tellFailure(told, revision));
            return all;
        });
    }

    /// A failure is that of the last URL that was tried.
    private void tellFailure(Told told, long revision) {
        var failure = told.failure();
        if (failure != null) {
            LOG.warning(id(memberId) + " hash-kv error \"" + failure.getMessage() + "\" on peer \""
                    + told.member().peerUrls().getLast() + "\" with revision " + revision);
        }
    }

    private static @Nullable PeerException peerException(@Nullable Throwable failed) {
        var cause = failed instanceof CompletionException ? failed.getCause() : failed;
        return cause instanceof PeerException known ? known : null;
    }

    private static String reason(Throwable failed) {
        var cause = failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
        return String.valueOf(cause.getMessage());
    }

    private static String id(long member) {
        return MemberId.text(member);
    }

    private static String unsigned(int hash) {
        return Integer.toUnsignedString(hash);
    }
}
