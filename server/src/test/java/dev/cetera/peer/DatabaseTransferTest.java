package dev.cetera.peer;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.Member;
import dev.cetera.http.Transport;
import dev.cetera.node.OutgoingSnapshot;
import dev.cetera.node.SnapshotSource;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Message;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DatabaseTransferTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private Transport transport;
    private TestMember one;
    private TestMember two;

    @BeforeEach
    void open() {
        transport = Transport.best();
        one = new TestMember(1, transport, 0, options -> options);
        two = new TestMember(2, transport, 0, options -> options);
        one.start(one.asMember(), two.asMember());
        two.start(one.asMember(), two.asMember());
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        transport.close();
    }

    private static Message.InstallSnapshot message(long to) {
        byte[] tree = new byte[300_000];
        var meta = new SnapshotMeta(17, 3, ConfState.of(List.of(1L, 2L)));
        return new Message.InstallSnapshot(to, 1, 3, new Snapshot(meta, tree));
    }

    /// Bytes in memory that say how long they are, truly or not.
    private static final class Bytes implements SnapshotSource {
        private final ByteBuffer bytes;
        private final long size;
        final CountDownLatch closed = new CountDownLatch(1);

        Bytes(byte[] bytes, long size) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int length = Math.min(into.remaining(), bytes.remaining());
            into.put(bytes.slice(bytes.position(), length));
            bytes.position(bytes.position() + length);
            return length;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(4).nextBytes(bytes);
        return bytes;
    }

    private void assertDelivered(Bytes source, String how) {
        await(how, SOON, () -> !one.inbound.delivered.isEmpty());
        assertThat(one.inbound.delivered).containsExactly(how);
        await("the source is closed", SOON, () -> source.closed.getCount() == 0);
    }

    @Test
    void aDatabaseArrivesByteForByteThroughASlowDisk() {
        byte[] bytes = random(30 << 20);
        var source = new Bytes(bytes, bytes.length);
        var ready = new CountDownLatch(1);
        two.inbound.diskReady = ready;
        one.peers.sendSnapshot(new OutgoingSnapshot(message(2), source));
        await(
                "the sender waits for the receiver's disk",
                SOON,
                () -> two.accepted.stream()
                        .anyMatch(channel -> !channel.config().isAutoRead()));
        assertThat(one.inbound.delivered).isEmpty();
        ready.countDown();
        assertDelivered(source, "2 arrived");
        assertThat(two.inbound.snapshots).containsExactly(message(2));
        assertThat(two.inbound.databases.peek()).isEqualTo(bytes);
    }

    @Test
    void aRefusalIsAFailure() {
        two.inbound.badDatabase = "no";
        var source = new Bytes(random(1000), 1000);
        one.peers.sendSnapshot(new OutgoingSnapshot(message(2), source));
        assertDelivered(source, "2 failed");
        assertThat(one.inbound.timesUnreachable(2)).isPositive();
    }

    @Test
    void aSourceThatIsShorterThanItSaysIsNotSentAsAWhole() {
        var source = new Bytes(random(1000), 2000);
        one.peers.sendSnapshot(new OutgoingSnapshot(message(2), source));
        assertDelivered(source, "2 failed");
        await("the receiver gives it up", SOON, () -> two.inbound.abandoned.get() == 1);
        assertThat(two.inbound.databases).isEmpty();
    }

    @Test
    void nobodyThereIsAFailure() {
        one.know(one.asMember(), Member.of(2, List.of("http://127.0.0.1:1"), "m2"));
        var source = new Bytes(random(1000), 1000);
        one.peers.sendSnapshot(new OutgoingSnapshot(message(2), source));
        assertDelivered(source, "2 failed");
    }

    @Test
    void forAStrangerIsAFailure() {
        var source = new Bytes(random(1000), 1000);
        one.peers.sendSnapshot(new OutgoingSnapshot(message(5), source));
        assertDelivered(source, "5 failed");
    }

    @Test
    void oneThatIsCutOffByTheReceiversEndIsAFailure() {
        two.inbound.diskReady = new CountDownLatch(1);
        byte[] bytes = random(30 << 20);
        var source = new Bytes(bytes, bytes.length);
        one.peers.sendSnapshot(new OutgoingSnapshot(message(2), source));
        await(
                "it is under way",
                SOON,
                () -> two.accepted.stream()
                        .anyMatch(channel -> !channel.config().isAutoRead()));
        two.accepted.forEach(channel -> channel.close().syncUninterruptibly());
        assertDelivered(source, "2 failed");
    }
}
