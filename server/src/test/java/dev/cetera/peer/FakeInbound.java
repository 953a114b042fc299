package dev.cetera.peer;

import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import dev.cetera.node.Inbound;
import dev.cetera.raft.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A member that only remembers what came in.
final class FakeInbound implements Inbound {
    private final long memberId;
    private final long clusterId;
    volatile Membership membership = new Membership(List.of(), Set.of(), null);
    volatile boolean full;
    volatile @Nullable String badDatabase;
    volatile @Nullable CountDownLatch diskReady;
    final ConcurrentLinkedQueue<Message> received = new ConcurrentLinkedQueue<>();
    final Map<Long, LongAdder> unreachable = new ConcurrentHashMap<>();
    final ConcurrentLinkedQueue<String> delivered = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Message.InstallSnapshot> snapshots = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<byte[]> databases = new ConcurrentLinkedQueue<>();
    final AtomicInteger inletsOpen = new AtomicInteger();
    final AtomicInteger abandoned = new AtomicInteger();
    final LongAdder databaseBytes = new LongAdder();
    final AtomicBoolean removed = new AtomicBoolean();

    FakeInbound(long memberId, long clusterId) {
        this.memberId = memberId;
        this.clusterId = clusterId;
    }

    void members(Member... members) {
        membership = new Membership(List.of(members), membership.removed(), null);
    }

    void remove(long id) {
        var left = membership.members().stream().filter(m -> m.id() != id).toList();
        membership = new Membership(left, Set.of(id), null);
    }

    long timesUnreachable(long id) {
        var count = unreachable.get(id);
        return count == null ? 0 : count.sum();
    }

    @Override
    public long memberId() {
        return memberId;
    }

    @Override
    public long clusterId() {
        return clusterId;
    }

    @Override
    public Membership membership() {
        return membership;
    }

    @Override
    public boolean receive(Message message) {
        return !full && received.add(message);
    }

    @Override
    public void unreachable(long member) {
        unreachable.computeIfAbsent(member, _ -> new LongAdder()).increment();
    }

    @Override
    public void snapshotDelivered(long member, boolean arrived) {
        delivered.add(Long.toHexString(member) + (arrived ? " arrived" : " failed"));
    }

    @Override
    public SnapshotInlet receiveSnapshot(Message.InstallSnapshot message) {
        snapshots.add(message);
        inletsOpen.incrementAndGet();
        return new SnapshotInlet() {
            private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            private boolean finished;
            private boolean closed;

            @Override
            public void write(ByteBuffer piece) throws IOException {
                var ready = diskReady;
                if (ready != null) {
                    try {
                        ready.await();
                    } catch (InterruptedException interrupted) {
                        throw new IOException(interrupted);
                    }
                }
                byte[] copy = new byte[piece.remaining()];
                piece.get(copy);
                bytes.writeBytes(copy);
                databaseBytes.add(copy.length);
            }

            @Override
            public void finish() throws IOException {
                var bad = badDatabase;
                if (bad != null) {
                    throw new IOException(bad);
                }
                finished = true;
                databases.add(bytes.toByteArray());
            }

            @Override
            public void close() {
                if (!closed) {
                    closed = true;
                    inletsOpen.decrementAndGet();
                    if (!finished) {
                        abandoned.incrementAndGet();
                    }
                }
            }
        };
    }

    @Override
    public void removed() {
        removed.set(true);
    }
}
