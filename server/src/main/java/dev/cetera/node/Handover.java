package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.logs.Log;
import dev.cetera.raft.Role;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Hands leadership on before a leader stops, so that the others need not wait for an election timeout.
/// Confined to the thread that stops the member.
final class Handover {
    private static final Log LOG = Log.of("etcdserver");

    private final Engine engine;
    private final Link link;
    private final Time time;
    private final long timeoutMillis;

    /// @param timeoutMillis how long the transfer may take
    Handover(Engine engine, Link link, Time time, long timeoutMillis) {
        this.engine = engine;
        this.link = link;
        this.time = time;
        this.timeoutMillis = timeoutMillis;
    }

    /// Blocks until another member leads, or that has taken too long.
    void run() throws InterruptedException {
        if (engine.status().role() != Role.LEADER) {
            LOG.info("skipped leadership transfer for stopping non-leader member");
        } else if (engine.membership().members().size() <= 1) {
            LOG.info("skipped leadership transfer for single member cluster");
        } else {
            var successor = longestConnected();
            if (successor.isPresent()) {
                transfer(successor.getAsLong());
            } else {
                failed(Refusal.UNHEALTHY.text());
            }
        }
    }

    /// Of the voters, the one that could be reached for the longest time is the one to trust.
    private OptionalLong longestConnected() {
        long now = time.nanos();
        return engine.membership().members().stream()
                .filter(member -> !member.learner() && member.id() != engine.memberId())
                .mapToLong(Member::id)
                .filter(id -> link.activeSince(id).isPresent())
                .boxed()
                .max(Comparator.comparingLong(id -> now - link.activeSince(id).orElse(now)))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    private void transfer(long successor) throws InterruptedException {
        // Why it failed; empty when it did not.
        var failure = new CompletableFuture<String>();
        engine.transferLeader(successor, new Answer<>() {
            @Override
            public void done(Long leader) {
                failure.complete("");
            }

            @Override
            public void refused(Refusal why) {
                failure.complete(why.text());
            }
        });
        try {
            var why = failure.get(timeoutMillis, TimeUnit.MILLISECONDS);
            if (!why.isEmpty()) {
                failed(why);
            }
        } catch (TimeoutException _) {
            failed(Refusal.TIMED_OUT_TRANSFER.text());
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void failed(String why) {
        LOG.warning(MemberId.text(engine.memberId()) + " failed to transfer leadership (" + why + ")");
    }
}
