package dev.cetera.wal;

import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.ProtoReader;
import dev.cetera.raftpb.ProtoWriter;

/// The log's own two records as the bytes of etcd 3.3's walpb, and back, by the rules of
/// [dev.cetera.raftpb.RaftCodec].
final class WalCodec {
    private WalCodec() {}

    static byte[] encode(Wal.SnapshotMark mark) {
        var out = new ProtoWriter(24);
        write(out, mark);
        return out.toBytes();
    }

    static byte[] encode(Wal.Metadata metadata) {
        return new ProtoWriter(24)
                .varint(1, metadata.nodeId())
                .varint(2, metadata.clusterId())
                .toBytes();
    }

    static Wal.SnapshotMark decodeSnapshotMark(byte[] bytes) throws MalformedException {
        return readSnapshotMark(new ProtoReader("Snapshot", bytes, 0, bytes.length));
    }

    static Wal.Metadata decodeMetadata(byte[] bytes) throws MalformedException {
        var in = new ProtoReader("Metadata", bytes, 0, bytes.length);
        long node = 0;
        long cluster = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> node = in.varint("NodeID");
                case 2 -> cluster = in.varint("ClusterID");
                default -> in.skip();
            }
        }
        return new Wal.Metadata(node, cluster);
    }

    static void write(ProtoWriter out, Wal.SnapshotMark mark) {
        out.varint(1, mark.index()).varint(2, mark.term());
    }

    static Wal.SnapshotMark readSnapshotMark(ProtoReader in) throws MalformedException {
        long index = 0;
        long term = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> index = in.count("Index");
                case 2 -> term = in.count("Term");
                default -> in.skip();
            }
        }
        return new Wal.SnapshotMark(index, term);
    }
}
