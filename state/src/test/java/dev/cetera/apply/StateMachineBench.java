package dev.cetera.apply;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.auth.Credentials;
import dev.cetera.cluster.Members;
import dev.cetera.disk.HastyDisk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.schema.Backend;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/// A proposal's way from where raft hands it out: decoded, applied, answered; and its share in what comes
/// after, a commit of the file every 5,000 entries and a compaction every 20,000, which here the same thread
/// does. 20,000 keys of 8 bytes, values of 256; nothing is synced.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StateMachineBench {
    static final int KEYS = 20_000;

    private static final int COMMIT_EVERY = 5_000;
    private static final ByteString VALUE = ByteString.copyFrom(new byte[256]);

    private HastyDisk disk;
    private StateMachine machine;
    private final SplittableRandom random = new SplittableRandom(1);
    private final byte[][] puts = new byte[KEYS][];
    private final byte[][] txns = new byte[KEYS][];
    private long index;

    @Setup
    public void open() throws IOException {
        disk = new HastyDisk();
        var legacy = new V2Store();
        machine = StateMachine.open(
                        Backend.open(disk, disk.directory().resolve("db")),
                        legacy,
                        new Members(legacy),
                        2,
                        Long.MAX_VALUE,
                        Machine.RELEASE,
                        Credentials.withoutSessions(),
                        _ -> {})
                .machine();
        for (int i = 0; i < KEYS; i++) {
            puts[i] = encoded(InternalRaftRequest.newBuilder().setPut(put(i)));
            txns[i] = encoded(InternalRaftRequest.newBuilder().setTxn(txn(i)));
            if (!(apply(puts[i]) instanceof Applied.Request)) {
                throw new IllegalStateException("a put was refused");
            }
        }
        machine.backend().commit();
    }

    @TearDown
    public void close() throws IOException {
        machine.backend().close();
        disk.close();
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public void put(Blackhole out) throws IOException {
        applyAll(puts, out);
    }

    /// A comparison and a put.
    @Benchmark
    @OperationsPerInvocation(KEYS)
    public void txn(Blackhole out) throws IOException {
        applyAll(txns, out);
    }

    /// As many as there are keys, in any order; then all is as before.
    private void applyAll(byte[][] requests, Blackhole out) throws IOException {
        for (int i = 1; i <= KEYS; i++) {
            out.consume(apply(requests[random.nextInt(KEYS)]));
            if (i % COMMIT_EVERY == 0) {
                machine.backend().commit();
            }
        }
        compact(out);
    }

    private Applied apply(byte[] data) throws IOException {
        return machine.apply(new Entry(1, ++index, EntryType.NORMAL, data), 0, 0);
    }

    private void compact(Blackhole out) throws IOException {
        var request = CompactionRequest.newBuilder()
                .setRevision(machine.store().view().revision());
        var applied = apply(encoded(InternalRaftRequest.newBuilder().setCompaction(request)));
        if (!(applied instanceof Applied.Compacting compacting)) {
            throw new IllegalStateException("the compaction was refused: " + applied);
        }
        while (compacting.physicalHalf().step()) {
            out.consume(index);
        }
    }

    private static byte[] encoded(InternalRaftRequest.Builder request) {
        return request.setHeader(RequestHeader.newBuilder().setID(0x1234_5678_9abcL))
                .build()
                .toByteArray();
    }

    private static PutRequest.Builder put(int n) {
        return PutRequest.newBuilder().setKey(key(n)).setValue(VALUE);
    }

    private static TxnRequest.Builder txn(int n) {
        return TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key(n))
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setResult(Compare.CompareResult.GREATER)
                        .setCreateRevision(0))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put(n)));
    }

    private static ByteString key(int n) {
        return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(n).array());
    }
}
