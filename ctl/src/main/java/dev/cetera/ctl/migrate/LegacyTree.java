package dev.cetera.ctl.migrate;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.cluster.Members;
import dev.cetera.disk.Disk;
import dev.cetera.entry.EntryPayload;
import dev.cetera.raft.Entry;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.snap.Snapshots;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Node;
import dev.cetera.v2.V2Outcome;
import dev.cetera.v2.V2Store;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The keys of the v2 API as a member's newest snapshot and the committed entries behind it make them.
///
/// @param nodes directories, each followed by what is in it, and keys; paths are as clients of v2 write them
/// @param index of the last committed entry
/// @param lastV3Index of the last committed entry that changes keys of v3; 0 if there is none in the log
public record LegacyTree(List<V2Node> nodes, long index, long lastV3Index) {
    public LegacyTree {
        nodes = List.copyOf(nodes);
    }

    /// Whether there is nothing in it.
    public boolean isEmpty() {
        return nodes.size() <= 1;
    }

    /// Reads both without changing them.
    ///
    /// @param unixNanos the time from which what is left to live is counted
    public static LegacyTree read(Disk disk, Path snapDirectory, Path walDirectory, long unixNanos) throws IOException {
        var store = new V2Store();
        var members = new Members(store);
        long index = 0;
        long lastV3 = 0;
        try {
            var start = Wal.SnapshotMark.NONE;
            var marks = Wal.validSnapshots(disk, walDirectory);
            var snapshot = new Snapshots(disk, snapDirectory, (level, text) -> {})
                    .newest(meta -> marks.contains(new Wal.SnapshotMark(meta.index(), meta.term())));
            if (snapshot != null) {
                store.recover(snapshot.data());
                members.load();
                index = snapshot.meta().index();
                start = new Wal.SnapshotMark(index, snapshot.meta().term());
            }
            var replay = Wal.read(disk, walDirectory, start);
            for (var entry : replay.entries()) {
                if (entry.index() > replay.hardState().commit()) {
                    break;
                }
                if (apply(entry, store, members, unixNanos)) {
                    lastV3 = entry.index();
                }
                index = entry.index();
            }
        } catch (V2FormatException | MalformedException e) {
            throw new IOException(e.getMessage(), e);
        }
        return new LegacyTree(nodes(store, unixNanos), index, lastV3);
    }

    /// True if it is about keys of v3, which are in the database.
    private static boolean apply(Entry entry, V2Store store, Members members, long unixNanos)
            throws InvalidProtocolBufferException, MalformedException, V2FormatException {
        switch (entry.type()) {
            case CONF_CHANGE -> {
                var _ = members.apply(RaftCodec.decodeConfChange(entry.data()));
            }
            case CONF_CHANGE_V2 -> {
                // Members don't matter to keys, and only clusters without keys of v2 change them so.
            }
            case NORMAL -> {
                switch (EntryPayload.decode(entry.data())) {
                    case EntryPayload.Empty() -> {}
                    case EntryPayload.V3 _ -> {
                        return true;
                    }
                    case EntryPayload.V2(var request) -> {
                        if (members.apply(request) == null) {
                            var _ = store.apply(request, unixNanos);
                        }
                    }
                }
            }
        }
        return false;
    }

    private static List<V2Node> nodes(V2Store store, long unixNanos) {
        var found = new ArrayList<V2Node>();
        var waiting = new ArrayDeque<V2Node>();
        if (store.get(V2Store.KEYS, V2Store.Depth.TREE, unixNanos) instanceof V2Outcome.Done(var event)) {
            waiting.push(event.node());
        }
        while (!waiting.isEmpty()) {
            var node = waiting.pop();
            found.add(named(node));
            if (node.nodes() != null) {
                node.nodes().reversed().forEach(waiting::push);
            }
        }
        return found;
    }

    private static V2Node named(V2Node node) {
        var path = node.key().substring(V2Store.KEYS.length());
        return new V2Node(
                path.isEmpty() ? "/" : path,
                node.value(),
                node.dir(),
                node.expiration(),
                node.ttlSeconds(),
                null,
                node.modifiedIndex(),
                node.createdIndex());
    }
}
