package dev.cetera.lab.campaign;

import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.lab.check.Slack.Upheaval;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks all members all the time who leads, past all proxies, and knows when that may have changed.
///
/// Between two looks that show the same leader in the same term, and nobody in a later one, there was no other
/// leader: a term has one at most. Everything else is an upheaval.
///
/// Guarded by itself; looks from a thread of its own.
final class Watchman implements AutoCloseable {
    private static final long PAUSE_NANOS = 100_000_000;
    private static final long PATIENCE_MILLIS = 400;

    /// Who leads.
    private record Sight(Member leader, long term) {}

    private final Map<Member, Direct> members = new LinkedHashMap<>();
    private final Thread thread;
    private final List<Upheaval> upheavals = new ArrayList<>();
    private final List<Duration> elections = new ArrayList<>();
    private @Nullable Sight sight;
    private @Nullable Sight calm;
    private long calmUntil = Long.MIN_VALUE;
    private @Nullable Member gone;
    private long goneNanos;
    private long revision;

    private Watchman(List<Member> members) {
        members.forEach(member -> this.members.put(member, new Direct(member)));
        this.thread = Thread.ofPlatform().name("watchman").daemon().unstarted(this::run);
    }

    static Watchman over(List<Member> members) {
        var watchman = new Watchman(members);
        watchman.thread.start();
        return watchman;
    }

    private void run() {
        try {
            while (true) {
                look();
                TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        long begin = System.nanoTime();
        var asked = new LinkedHashMap<Member, Future<StatusResponse>>();
        members.forEach((member, direct) -> {
            direct.channel().resetConnectBackoff();
            asked.put(
                    member,
                    MaintenanceGrpc.newFutureStub(direct.channel())
                            .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                            .status(StatusRequest.getDefaultInstance()));
        });
        Sight seen = null;
        long newestTerm = 0;
        long newestRevision = 0;
        for (var entry : asked.entrySet()) {
            StatusResponse status;
            try {
                status = entry.getValue().get();
            } catch (ExecutionException down) {
                continue;
            }
            newestRevision = Math.max(newestRevision, status.getHeader().getRevision());
            if (status.getRaftTerm() > newestTerm) {
                newestTerm = status.getRaftTerm();
                seen = null;
            }
            if (status.getRaftTerm() == newestTerm
                    && status.getLeader() == status.getHeader().getMemberId()) {
                seen = new Sight(entry.getKey(), newestTerm);
            }
        }
        saw(seen, newestRevision, begin, System.nanoTime());
    }

    private synchronized void saw(@Nullable Sight seen, long newestRevision, long begin, long end) {
        revision = Math.max(revision, newestRevision);
        sight = seen;
        notifyAll();
        if (seen == null) {
            return;
        }
        if (!seen.equals(calm)) {
            upheavals.add(new Upheaval(calmUntil, end));
            calm = seen;
            if (gone != null && gone != seen.leader()) {
                elections.add(Duration.ofNanos(end - goneNanos));
            }
            gone = null;
        }
        calmUntil = begin;
    }

    /// Who led a moment ago; null when nobody did as far as could be seen.
    synchronized @Nullable Member leader() {
        Sight seen = sight;
        return seen == null ? null : seen.leader();
    }

    /// Waits until another one than `member` leads; null when none does in time.
    synchronized @Nullable Member awaitLeaderBut(Member member, long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        while (sight == null || sight.leader() == member) {
            long left = timeoutNanos - (System.nanoTime() - begin);
            if (left <= 0) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return sight.leader();
    }

    /// The newest revision that a member has named.
    synchronized long revision() {
        return revision;
    }

    /// `member` was killed or frozen right now: if it leads, there will be an election.
    synchronized void goes(Member member) {
        if (calm != null && calm.leader() == member) {
            gone = member;
            goneNanos = System.nanoTime();
        }
    }

    /// When leaders may have changed, until now.
    synchronized List<Upheaval> upheavals() {
        var all = new ArrayList<>(upheavals);
        if (sight == null) {
            all.add(new Upheaval(calmUntil, System.nanoTime()));
        }
        return all;
    }

    /// How long it took from the end of a leader until another one led.
    synchronized List<Duration> elections() {
        return List.copyOf(elections);
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        members.values().forEach(Direct::close);
    }
}
