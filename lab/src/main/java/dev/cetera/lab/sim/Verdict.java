package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.disk.FakeDisk;
import dev.cetera.lab.check.Checks;
import dev.cetera.lab.check.OwnFile;
import dev.cetera.lab.check.SameState;
import dev.cetera.lab.check.Slack;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.work.Workload;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.mvcc.Store;
import dev.cetera.schema.Backend;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is said when the troubles are over: the cluster gets well by itself within a bounded time, everybody
/// who asked has an outcome, all members are the same, and the history keeps all promises. Confined.
final class Verdict {
    private static final long HEALS_WITHIN = 60 * Timeline.SECOND;
    private static final long STEP = 200 * Timeline.MILLISECOND;

    /// How much faster or slower than true time the clock of a member may go: twice what it does.
    private static final double CLOCK_RATE = 0.01;

    private static final int CHECKSUM_BYTES = 32;
    private static final long OVERDUE = 5 * Timeline.SECOND;

    private final Truth truth;
    private final Timeline timeline;
    private final Workload workload;
    private final Gateways gateways;
    private final List<Host> hosts;
    private int savedSnapshots;

    /// Since then one leader leads, whom nothing keeps from ending leases.
    private long calmSince;

    private int undecided;
    private long watchEvents;
    private int legs;

    Verdict(Truth truth, Timeline timeline, Workload workload, Gateways gateways, List<Host> hosts) {
        this.truth = truth;
        this.timeline = timeline;
        this.workload = workload;
        this.gateways = gateways;
        this.hosts = hosts;
    }

    List<Host> members() {
        return hosts.stream()
                .filter(host ->
                        host.isUp() && truth.members().contains(host.engine().memberId()))
                .toList();
    }

    void count(Report.Counts counts) {
        counts.add("watches", "events", watchEvents)
                .add("watches", "streams", legs)
                .add("checks", "histories", 1)
                .add("checks", "undecided", undecided)
                .add("checks", "saved snapshots", savedSnapshots);
    }

    /// Lets time pass until all is well, and then judges.
    void pass() throws Exception {
        timeline.runUntil(timeline.now() + 2 * Timeline.SECOND);
        await(this::unsettled);
        calmSince = timeline.now();
        probe();
        workload.end();
        await(() -> workload.isIdle() ? null : "there are calls without an outcome");
        // Leases that nobody renews any more end.
        await(() -> {
            var leases = truth.model().leases();
            return leases.isEmpty() ? null : "leases never end: " + leases.keySet();
        });
        await(this::unsettled);
        long revision = truth.model().revision();
        workload.reached(revision);
        await(() -> workload.isSettled() ? null : "there are watches that have not seen revision " + revision);
        judge();
    }

    /// @param complaint null when all is well
    private void await(Supplier<@Nullable String> complaint) throws Exception {
        long end = timeline.now() + HEALS_WITHIN;
        String why = complaint.get();
        while (why != null && timeline.now() < end) {
            timeline.runUntil(timeline.now() + STEP);
            why = complaint.get();
        }
        if (why != null) {
            throw Truth.broken("long after all troubles " + why);
        }
    }

    private @Nullable String unsettled() {
        var running = members();
        if (running.size() != truth.members().size()) {
            return running + " run alone";
        }
        var leaders = running.stream().filter(Host::leads).toList();
        if (leaders.size() != 1) {
            return "these lead: " + leaders;
        }
        for (var host : running) {
            var engine = host.engine();
            if (engine.appliedIndex() != engine.status().commit()) {
                return host + " has applied " + engine.appliedIndex() + ": " + engine.status();
            }
            if (engine.status().leader() != leaders.getFirst().engine().memberId()) {
                return host + " follows " + engine.status().leader();
            }
            if (host.services() == null) {
                return host + " does not serve";
            }
        }
        return null;
    }

    private @Nullable String unequal() {
        for (var host : members()) {
            var engine = host.engine();
            if (engine.appliedIndex() != truth.lastIndex() || engine.status().lastIndex() != truth.lastIndex()) {
                return host + " has applied " + engine.appliedIndex() + " of " + truth.lastIndex() + ": "
                        + engine.status();
            }
        }
        return unsettled();
    }

    // ---- whether everybody is served ----

    /// Through each member something can be agreed on, and read.
    private void probe() throws Exception {
        var wanted = members();
        var agreed = new HashSet<Host>();
        var read = new HashSet<Host>();
        for (var host : wanted) {
            ask(host, MaintenanceGrpc.getAlarmMethod(), AlarmRequest.getDefaultInstance(), agreed);
            var range = RangeRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("probe"))
                    .build();
            ask(host, KVGrpc.getRangeMethod(), range, read);
        }
        await(() -> agreed.containsAll(wanted) && read.containsAll(wanted)
                ? null
                : "requests succeed through " + agreed + " and " + read + " only");
    }

    /// Asks again and again.
    private <Q, A> void ask(Host host, MethodDescriptor<Q, A> method, Q request, Set<Host> succeeded) {
        var call = gateways.asRoot(host).newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (status.isOk()) {
                            succeeded.add(host);
                        } else {
                            timeline.in(STEP, () -> ask(host, method, request, succeeded));
                        }
                    }
                },
                new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    // ---- the history, and the state ----

    private void judge() throws Exception {
        await(this::unequal);
        var digests = new ArrayList<SameState.Digest>();
        for (var host : members()) {
            truth.checkAll(host, truth.lastIndex());
            var backend = host.engine().machine().backend();
            backend.commit();
            var fault = OwnFile.fault(backend, host.engine().membership().members());
            Truth.check(fault.isEmpty(), () -> host + " has a wrong file: " + fault.orElse(""));
            digests.add(SameState.of(host.name, backend));
        }
        var difference = SameState.difference(digests);
        Truth.check(difference.isEmpty(), () -> "members differ: " + difference);
        var history = workload.history(true, hosts.size());
        for (var watch : history.watches()) {
            legs += watch.legs().size();
            watch.legs().forEach(leg -> watchEvents += events(leg));
        }
        truth.checkAnswers(history);
        var story = Checks.check(history, Slack.calmSince(calmSince, CLOCK_RATE, OVERDUE));
        if (!story.isDecided()) {
            undecided++;
        }
    }

    private static long events(Watch.Leg leg) {
        return leg.told().stream()
                .mapToLong(told -> told.response().getEventsCount())
                .sum();
    }

    /// A client has saved a member's database: it can be opened, and holds what that revision held.
    ///
    /// @param saved with its checksum at the end
    void snapshot(String member, ByteString saved) {
        var database = saved.substring(0, saved.size() - CHECKSUM_BYTES).toByteArray();
        Truth.check(
                ByteString.copyFrom(sha256(database)).equals(saved.substring(database.length)),
                () -> "the snapshot of " + member + " has another checksum");
        var disk = new FakeDisk(1);
        var path = Path.of("/saved/db");
        disk.put(path, database);
        try (var backend = Backend.open(disk, path)) {
            var store = Store.restore(backend).store();
            long revision = store.view().revision();
            var everything = RangeQuery.between(new byte[] {0}, new byte[] {0});
            if (!(store.range(everything) instanceof Found<RangeResult>(var found))) {
                throw Truth.broken("the snapshot of " + member + " has no keys to read");
            }
            Truth.checkKeys(
                    "the snapshot of " + member + " at revision " + revision,
                    List.copyOf(truth.model().at(revision).values()),
                    found);
            savedSnapshots++;
        } catch (IOException damaged) {
            throw new UncheckedIOException("the snapshot of " + member + " can't be read", damaged);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every JDK has SHA-256", absent);
        }
    }
}
