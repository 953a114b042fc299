package dev.cetera.lab.cluster;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.testkit.Await;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// Writes to a cluster without pause while things happen to it, and says at the end whether every promise was
/// kept.
///
/// Each writer is a thread that speaks to one member, and turns to the next one when a call fails. It puts
/// keys that nobody else writes, counts shared counters up by compare-and-swap, and reads. What it was
/// promised:
/// - an acknowledged put is there, at the revision that was acknowledged; one that failed may be there or not;
/// - a counter is exactly as high as the number of increments that took effect, each of them once;
/// - a linearizable read shows every write that had been acknowledged before it began.
public final class Writers implements AutoCloseable {
    /// How hard to try.
    ///
    /// @param pause between two calls of one writer
    /// @param deadline of one call; with a member that hangs a writer loses this much time
    public record Pace(int writers, Duration pause, Duration deadline) {
        /// Enough to see a gap of a few milliseconds, little enough to leave the processors to the servers.
        public static final Pace GENTLE = new Pace(4, Duration.ofMillis(2), Duration.ofSeconds(1));
    }

    private final Timeline timeline = new Timeline();
    private final List<Writer> writers = new ArrayList<>();
    private final List<Direct> connections = new ArrayList<>();
    private volatile boolean stopping;

    private Writers() {}

    /// Starts writing to `members`, those that are down included; returns after the first acknowledged writes.
    public static Writers start(List<Member> members, Pace pace, long seed) {
        var all = new Writers();
        for (Member member : members) {
            all.connections.add(new Direct(member));
        }
        for (int i = 0; i < pace.writers(); i++) {
            Writer writer = new Writer(i, all.connections, all.timeline, new Random(seed * 31 + i), pace.deadline());
            all.writers.add(writer);
            Thread.ofPlatform().name("writer-" + i).daemon().start(() -> all.run(writer, pace));
        }
        all.awaitMore(pace.writers());
        return all;
    }

    private void run(Writer writer, Pace pace) {
        try {
            while (!stopping) {
                writer.step();
                LockSupport.parkNanos(pace.pause().toNanos());
            }
        } catch (RuntimeException e) {
            timeline.broken("a writer ended by " + e);
        } finally {
            writer.ended.countDown();
        }
    }

    public Timeline timeline() {
        return timeline;
    }

    /// Waits until `count` more writes were acknowledged.
    public void awaitMore(int count) {
        int enough = timeline.count() + count;
        Await.await(count + " more writes", Cluster.PATIENCE, () -> timeline.count() >= enough);
    }

    /// Lets the calls that are under way end; nothing is written any more.
    public void stop() throws InterruptedException {
        stopping = true;
        for (Writer writer : writers) {
            writer.ended.await();
        }
    }

    /// After [#stop]: reads everything back through `member` and fails when a promise was broken.
    public void verify(Member member) {
        try (var direct = new Direct(member)) {
            Tally tally = Tally.of(direct);
            for (Writer writer : writers) {
                writer.verifyPuts(tally, problem -> timeline.broken(member.name() + ": " + problem));
            }
            for (int counter = 0; counter < Writer.COUNTERS; counter++) {
                verifyCounter(member, tally, counter);
            }
            if (tally.strangers() > 0) {
                timeline.broken(member.name() + " holds " + tally.strangers() + " keys that nobody wrote");
            }
        }
        timeline.check();
    }

    private void verifyCounter(Member member, Tally tally, int counter) {
        long increments = 0;
        for (Writer writer : writers) {
            long done = tally.value(Writer.doneKey(counter, writer.number));
            if (done < writer.acknowledged(counter) || done > writer.tried(counter)) {
                timeline.broken(member.name() + ": counter " + counter + " has " + done + " increments of writer "
                        + writer.number + ", acknowledged " + writer.acknowledged(counter) + ", tried "
                        + writer.tried(counter));
            }
            increments += done;
        }
        long value = tally.value(Writer.counterKey(counter));
        long version = tally.version(Writer.counterKey(counter));
        if (value != increments || version != increments) {
            timeline.broken(member.name() + ": counter " + counter + " is " + value + " after " + version
                    + " changes, by " + increments + " increments");
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connections.forEach(Direct::close);
    }

    /// A linearizable read of one key; throws like any call.
    static long read(Direct direct, Duration deadline, ByteString key) {
        return direct.kv(deadline)
                .range(RangeRequest.newBuilder().setKey(key).build())
                .getHeader()
                .getRevision();
    }

    /// Refusals that a client has to expect while members come and go. UNKNOWN is what etcd 3.2 to 3.4 say for
    /// a dropped proposal or a deadline of their own, and what a client makes of a connection that was cut.
    static boolean excusable(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, CANCELLED, UNKNOWN -> true;
            default -> false;
        };
    }
}
