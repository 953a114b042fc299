package dev.cetera.node;

import dev.cetera.cluster.Membership;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.KvHash;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One engine whose leader is the test. Confined to the test.
final class Follower implements AutoCloseable {
    /// A member on its disk and what its leader would send it.
    ///
    /// @param disk     as the member has left it
    /// @param message  the snapshot that it needs
    /// @param database what comes with it
    /// @param leader   a member that has everything
    record Scene(
            FakeDisk disk,
            MemberConfig config,
            Message.InstallSnapshot message,
            byte[] database,
            Several cluster,
            Several.One leader) {
        long index() {
            return message.snapshot().meta().index();
        }

        /// Three members, of which one is cut off and then needs a snapshot.
        static Scene of(Lagging how) throws Exception {
            var cluster = new Several("a", "b", "c");
            for (var one : cluster.all.values()) {
                one.config = HandTurned.Settings.DEFAULTS
                        .withSnapshotCount(20)
                        .withInitialCluster("a=http://a:2380,b=http://b:2380,c=http://c:2380")
                        .config(one.name, one.peerUrl);
                one.start();
            }
            cluster.untilLed();
            var behind = how == Lagging.FOLLOWED ? cluster.follower() : cluster.leader();
            cluster.leader().put("before", "1");
            cluster.pass(200);
            cluster.cutOff(behind);
            if (how == Lagging.LED) {
                // It goes on for a while, and nobody hears of it.
                for (int i = 0; i < 200; i++) {
                    behind.put("lost" + i, "x");
                }
                cluster.settle();
                cluster.pass(6_000);
            }
            for (int i = 0; i < 60; i++) {
                cluster.leader().put("key" + i, "value" + i);
                cluster.settle();
            }
            return deliver(cluster, behind);
        }

        private static Scene deliver(Several cluster, Several.One behind) throws Exception {
            var disk = behind.disk.kill();
            behind.disk = disk.kill();
            behind.start();
            var caught = new ArrayList<Scene>();
            cluster.intercept = outgoing -> {
                if (caught.isEmpty()) {
                    caught.add(new Scene(
                            disk, behind.config, outgoing.message(), read(outgoing), cluster, cluster.leader()));
                }
            };
            cluster.heal();
            for (int i = 0; i < 100 && caught.isEmpty(); i++) {
                cluster.pass(100);
            }
            cluster.intercept = null;
            return caught.getFirst();
        }

        private static byte[] read(OutgoingSnapshot outgoing) throws IOException {
            var all = ByteBuffer.allocate((int) outgoing.database().size());
            while (outgoing.database().read(all) > 0) {}
            return all.array();
        }
    }

    /// What the member was doing that needs a snapshot.
    enum Lagging {
        FOLLOWED,
        /// Its log goes beyond the snapshot, with entries that nobody else has.
        LED
    }

    private final class Ears implements Link {
        @Override
        public void send(List<Message> messages) {
            for (var message : messages) {
                if (message instanceof Message.AppendAccepted accepted) {
                    acknowledged = Math.max(acknowledged, accepted.index());
                }
            }
        }

        @Override
        public void sendSnapshot(OutgoingSnapshot snapshot) {
            throw new AssertionError("a follower sends no snapshots");
        }

        @Override
        public void members(Membership now) {
            told.add(now);
        }

        @Override
        public void remotes(List<dev.cetera.cluster.Member> others) {}

        @Override
        public OptionalLong activeSince(long member) {
            return OptionalLong.empty();
        }
    }

    final Engine engine;
    final List<Membership> told = new ArrayList<>();
    final List<Throwable> fatal = new ArrayList<>();

    /// The highest index that it has promised to keep.
    long acknowledged;

    private final Scene scene;
    private boolean compactionDue;

    Follower(Scene scene, FakeDisk disk) throws IOException {
        this.scene = scene;
        engine = Engine.open(
                disk,
                scene.config(),
                _ -> {},
                Surroundings.of(new Several.OwnTime(), new Ears(), Peers.NONE, 1, fatal::add)
                        .withWalOptions(new WalOptions(20_000))
                        .withContinueSoon(() -> compactionDue = true));
        engine.tick();
    }

    void receive() throws IOException {
        receive(scene.message(), scene.database());
    }

    void receive(Message.InstallSnapshot message, byte[] database) throws IOException {
        try (var inlet = engine.receiveSnapshot(message)) {
            for (int at = 0; at < database.length; at += 10_000) {
                inlet.write(ByteBuffer.wrap(database, at, Math.min(10_000, database.length - at)));
            }
            inlet.finish();
        }
    }

    /// The leader's next entries behind the snapshot, all committed.
    void follow(int entries) {
        var snapshot = scene.message().snapshot().meta();
        var next = new ArrayList<Entry>();
        for (int i = 1; i <= entries; i++) {
            next.add(entry(i));
        }
        long term = Math.max(scene.message().term(), engine.status().term());
        boolean _ = engine.receive(new Message.Append(
                engine.memberId(),
                scene.message().from(),
                term,
                snapshot.term(),
                snapshot.index(),
                next,
                snapshot.index() + entries));
    }

    /// Entries right behind what it has, committed.
    void append(int entries) {
        var now = engine.status();
        var next = new ArrayList<Entry>();
        for (int i = 1; i <= entries; i++) {
            next.add(new Entry(now.term(), now.lastIndex() + i, EntryType.NORMAL, entry(i).data()));
        }
        long lastTerm = engine.status().term();
        boolean _ = engine.receive(new Message.Append(
                engine.memberId(),
                scene.message().from(),
                scene.message().term(),
                lastTerm,
                now.lastIndex(),
                next,
                now.lastIndex() + entries));
    }

    private Entry entry(int number) {
        var put = HandTurned.put("after" + number, "value", 0)
                .setHeader(
                        dev.cetera.api.etcdserverpb.RequestHeader.newBuilder().setID(1_000 + number))
                .build();
        return new Entry(scene.message().term(), scene.index() + number, EntryType.NORMAL, put.toByteArray());
    }

    void settle() throws Exception {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (var stage : Engine.Stage.values()) {
                moved |= engine.turn(stage);
            }
            if (compactionDue) {
                compactionDue = false;
                engine.compactMore();
                moved = true;
            }
        }
    }

    long revision() {
        return engine.machine().store().view().revision();
    }

    KvHash hash(long revision) throws IOException {
        if (!(engine.machine().store().hashKv(revision) instanceof Found<KvHash>(var hash))) {
            throw new AssertionError("no hash at " + revision);
        }
        return hash;
    }

    @Nullable
    String get(String key) throws IOException {
        return HandTurned.get(engine, key);
    }

    @Override
    public void close() throws IOException {
        engine.refuseAll();
        engine.close();
    }
}
