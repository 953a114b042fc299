package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// etcd's HashKV, from its definition: every change in order, as it stands in the file. Of what is at or below
/// the compacted revision only the newest change of each key counts, and only if the key is alive.
final class KeysHash {
    private record Change(long main, long sub, Event event) {}

    private KeysHash() {}

    static @Nullable Integer of(Moment moment, long compacted) {
        var newest = new HashMap<ByteString, Change>();
        var changes = changes(moment, newest);
        if (compacted >= 0 && moment.keys().size() == 0) {
            return null;
        }
        var crc = new CRC32C();
        crc.update("key".getBytes(StandardCharsets.US_ASCII));
        for (var change : changes) {
            if (change.main() > compacted || isKept(change, newest)) {
                add(crc, change);
            }
        }
        return (int) crc.getValue();
    }

    private static List<Change> changes(Moment moment, Map<ByteString, Change> newest) {
        var moments = new ArrayList<Moment>();
        for (var at = moment; at != null; at = at.before()) {
            moments.add(at);
        }
        var changes = new ArrayList<Change>();
        for (var at : moments.reversed()) {
            for (int sub = 0; sub < at.events().size(); sub++) {
                var change = new Change(at.revision(), sub, at.events().get(sub));
                changes.add(change);
                newest.put(change.event().getKv().getKey(), change);
            }
        }
        return changes;
    }

    private static boolean isKept(Change change, Map<ByteString, Change> newest) {
        return change.event().getType() == Event.EventType.PUT
                && change.equals(newest.get(change.event().getKv().getKey()));
    }

    private static void add(CRC32C crc, Change change) {
        boolean deletion = change.event().getType() == Event.EventType.DELETE;
        var kv = change.event().getKv();
        var key = ByteBuffer.allocate(deletion ? 18 : 17)
                .putLong(change.main())
                .put((byte) '_')
                .putLong(change.sub());
        if (deletion) {
            key.put((byte) 't');
        }
        crc.update(key.flip());
        crc.update((deletion ? KeyValue.newBuilder().setKey(kv.getKey()).build() : kv).toByteArray());
    }
}
