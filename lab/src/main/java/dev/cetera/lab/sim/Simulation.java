package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.lab.check.OwnFile;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.KvHash;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.node.Answer;
import dev.cetera.node.Engine;
import dev.cetera.node.Link;
import dev.cetera.node.MemberConfig;
import dev.cetera.node.Peers;
import dev.cetera.node.Surroundings;
import dev.cetera.node.Time;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One member, from one seed: it works, its power fails, it works on, a few times over. Confined to one
/// thread.
///
/// What is checked. Requests are proposed in order and a log keeps that order, so after a crash the state must
/// be that of all acknowledged requests and then some, none, or all of the others, without a gap. Every answer
/// must be the model's.
public final class Simulation {
    /// What one seed came to.
    ///
    /// @param requests acknowledged
    /// @param crashes  survived
    public record Report(int requests, int crashes) {}

    private static final Path DATA = Path.of("/data");
    private static final int MAX_IN_FLIGHT = 8;
    private static final int MAX_TURNS_TO_START = 10_000;

    private final Random random;
    private final Requests requests;
    private final UnaryOperator<FakeDisk> sabotage;
    private FakeDisk disk;

    /// After all acknowledged requests.
    private Model model = new Model();

    /// In the order of their proposal.
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();

    private final SimulatedTime time = new SimulatedTime();
    private int acknowledged;
    private int crashes;
    private boolean compactionDue;
    private boolean published;
    private long lastChange;

    /// A request without an answer.
    private static final class Pending {
        final InternalRaftRequest request;

        @Nullable
        Outcome<? extends Message> expected;

        Pending(InternalRaftRequest request) {
            this.request = request;
        }
    }

    private static final class SimulatedTime implements Time {
        private long nanos = 1_000_000_000_000L;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long unixNanos() {
            return 1_700_000_000_000_000_000L + nanos;
        }
    }

    private Simulation(long seed, UnaryOperator<FakeDisk> sabotage) {
        this.random = new Random(seed);
        this.requests = new Requests(random);
        this.sabotage = sabotage;
        this.disk = sabotage.apply(new FakeDisk(random.nextLong()));
    }

    /// Runs one seed.
    ///
    /// @throws AssertionError when the member breaks a promise
    public static Report run(long seed) {
        return run(seed, UnaryOperator.identity());
    }

    /// As above, on disks that break the product on purpose, to see whether it would be noticed.
    static Report run(long seed, UnaryOperator<FakeDisk> sabotage) {
        try {
            return new Simulation(seed, sabotage).run();
        } catch (Exception | Error failed) {
            throw new AssertionError(
                    "seed " + seed + ": " + failed.getMessage() + "; replay it with 'bin/lab sim --seed " + seed
                            + " --seeds 1'",
                    failed);
        }
    }

    private Report run() throws Exception {
        int lives = 2 + random.nextInt(4);
        for (int life = 0; life < lives; life++) {
            live();
        }
        var member = restart();
        finish(member);
        member.close();
        return new Report(acknowledged, crashes);
    }

    /// From a start to a stop of any kind.
    private void live() throws Exception {
        var fault = random.nextInt(3) == 0 ? null : randomFault();
        try {
            if (fault != null) {
                disk.failAt(disk.operations() + 1 + random.nextInt(150), fault);
            }
            var member = restart();
            int steps = random.nextInt(400);
            for (int i = 0; i < steps; i++) {
                step(member);
            }
            if (random.nextInt(4) == 0) {
                finish(member);
                member.close();
            }
        } catch (SimulatedCrash _) {
            crashes++;
        } catch (IOException stopped) {
            // As it must when the disk fails, and never else.
            if (fault == null || fault == Fault.CRASH) {
                throw stopped;
            }
            crashes++;
        }
        disk = sabotage.apply(random.nextInt(3) == 0 ? disk.kill() : disk.crash());
    }

    private Fault randomFault() {
        return switch (random.nextInt(10)) {
            case 0 -> Fault.IO_ERROR;
            case 1 -> Fault.NO_SPACE;
            default -> Fault.CRASH;
        };
    }

    /// Starts the member and compares what it has with what was promised.
    private Engine restart() throws Exception {
        published = false;
        compactionDue = false;
        lastChange = 0;
        var member = Engine.open(
                disk,
                config(),
                this::changed,
                Surroundings.of(time, Link.NONE, Peers.NONE, random.nextLong(), broken -> {
                            throw new IllegalStateException(broken);
                        })
                        .withWalOptions(new WalOptions(6_000))
                        .withContinueSoon(() -> compactionDue = true)
                        .withPublished(() -> published = true));
        member.tick();
        for (int turns = 0; !published; turns++) {
            check(turns < MAX_TURNS_TO_START, "the member doesn't come up");
            if (turns % 100 == 99) {
                member.tick();
            }
            for (var stage : Engine.Stage.values()) {
                member.turn(stage);
            }
        }
        reconcile(member);
        return member;
    }

    private static MemberConfig config() {
        return new MemberConfig(
                        "sim",
                        DATA,
                        null,
                        List.of("http://127.0.0.1:2379"),
                        List.of("http://127.0.0.1:2380"),
                        "sim=http://127.0.0.1:2380",
                        "simulated",
                        100,
                        10,
                        true,
                        15,
                        1,
                        1,
                        0,
                        1_500_000)
                .withShrinking(Habits.SHRINKING);
    }

    /// Which of the requests without an answer are in? Some from the front, no other.
    private void reconcile(Engine member) throws IOException {
        // Those that have an expected answer are in the model already.
        var unanswered = pending.stream().filter(one -> one.expected == null).toList();
        pending.clear();
        var candidate = model.copy();
        for (int taken = 0; ; taken++) {
            var difference = difference(candidate, member);
            if (difference == null) {
                model = candidate;
                checkHistory(member);
                return;
            }
            check(
                    taken < unanswered.size(),
                    "after a restart the state is none of those that may be; compared with all requests applied: "
                            + difference);
            candidate.apply(unanswered.get(taken).request);
        }
    }

    private static @Nullable String difference(Model expected, Engine member) throws IOException {
        var store = member.machine().store();
        var view = store.view();
        if (view.revision() != expected.revision()) {
            return "revision " + view.revision() + " instead of " + expected.revision();
        }
        if (view.compactRevision() != expected.compacted()) {
            return "compacted at " + view.compactRevision() + " instead of " + expected.compacted();
        }
        var leases = member.machine().leases();
        if (!leases.list().stream()
                .sorted()
                .toList()
                .equals(List.copyOf(expected.leases().keySet()))) {
            return "leases " + leases.list() + " instead of "
                    + expected.leases().keySet();
        }
        for (var lease : expected.leases().keySet()) {
            var keys = leases.timeToLiveWithKeys(lease, 0).keys().stream()
                    .map(ByteString::copyFrom)
                    .toList();
            if (!keys.equals(List.copyOf(expected.attached(lease)))) {
                return "keys " + keys + " on lease " + lease + " instead of " + expected.attached(lease);
            }
        }
        return differenceAt(expected, member, expected.revision());
    }

    private static @Nullable String differenceAt(Model expected, Engine member, long revision) throws IOException {
        var query = RangeQuery.between(new byte[] {0}, new byte[] {0}).at(revision);
        if (!(member.machine().store().range(query) instanceof Found<RangeResult>(var found))) {
            return "revision " + revision + " can't be read";
        }
        var wanted = List.copyOf(expected.at(revision).values());
        if (found.kvs().size() != wanted.size()) {
            return found.kvs().size() + " keys at revision " + revision + " instead of " + wanted.size();
        }
        for (int i = 0; i < wanted.size(); i++) {
            var kv = ByteString.copyFrom(found.kvs().get(i).encoded());
            if (!kv.equals(wanted.get(i).toByteString())) {
                return "at revision " + revision + " " + found.kvs().get(i) + " instead of " + wanted.get(i);
            }
        }
        return null;
    }

    private void checkHistory(Engine member) throws IOException {
        long from = Math.max(1, model.compacted());
        for (int i = 0; i < 3; i++) {
            long revision = from + random.nextLong(model.revision() - from + 1);
            var difference = differenceAt(model, member, revision);
            check(difference == null, String.valueOf(difference));
        }
        var hash = model.hash();
        if (hash != null && member.machine().store().hashKv(0) instanceof Found<KvHash>(var found)) {
            check(found.hash() == hash, "HashKV " + found.hash() + " instead of " + hash);
        }
    }

    private void step(Engine member) throws Exception {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> {
                if (pending.size() < MAX_IN_FLIGHT) {
                    propose(member);
                }
            }
            case 3 -> {
                time.nanos += 1_000_000L * random.nextInt(30);
                member.tick();
            }
            case 4 -> member.commit();
            case 5 -> {
                if (compactionDue) {
                    compactionDue = false;
                    member.compactMore();
                }
            }
            case 6 -> {
                if (random.nextInt(4) == 0) {
                    member.purge();
                } else if (random.nextInt(20) == 0) {
                    member.machine().backend().defragment();
                } else if (random.nextInt(10) == 0) {
                    member.sweep();
                }
            }
            default -> {
                var stages = Engine.Stage.values();
                member.turn(stages[random.nextInt(stages.length)]);
            }
        }
    }

    private void propose(Engine member) {
        var request = requests.next(model.revision());
        var one = new Pending(request.clone().build());
        pending.add(one);
        member.propose(request, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                acknowledge(one, outcome);
            }

            @Override
            public void refused(Refusal why) {
                // Said before it was proposed. A request whose fate is unknown stays among the pending.
                if (why != Refusal.STOPPED && why != Refusal.TIMED_OUT) {
                    pending.remove(one);
                }
            }
        });
    }

    /// An answer says that this request is applied and all before it.
    private void acknowledge(Pending one, Outcome<? extends Message> outcome) {
        if (one.expected == null) {
            for (var earlier : pending) {
                if (earlier.expected == null) {
                    earlier.expected = model.apply(earlier.request);
                }
                if (earlier == one) {
                    break;
                }
            }
        }
        acknowledged++;
        check(
                outcome.equals(one.expected),
                "the answer to " + one.request + " is " + outcome + ", not " + one.expected);
        pending.remove(one);
    }

    private void changed(Changes changes) {
        check(changes.revision() > lastChange, "watchers see revision " + changes.revision() + " after " + lastChange);
        lastChange = changes.revision();
    }

    /// Everything outstanding is answered, and then member and model are the same.
    private void finish(Engine member) throws Exception {
        for (int turns = 0; !pending.isEmpty(); turns++) {
            check(turns < MAX_TURNS_TO_START, pending.size() + " requests are never answered");
            for (var stage : Engine.Stage.values()) {
                member.turn(stage);
            }
            if (compactionDue) {
                compactionDue = false;
                member.compactMore();
            }
        }
        var difference = difference(model, member);
        check(difference == null, String.valueOf(difference));
        checkHistory(member);
        member.machine().backend().commit();
        var fault =
                OwnFile.fault(member.machine().backend(), member.membership().members());
        check(fault.isEmpty(), fault.orElse(""));
    }

    private static void check(boolean holds, String complaint) {
        if (!holds) {
            throw new AssertionError(complaint);
        }
    }
}
