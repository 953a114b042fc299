package dev.cetera.lab.cluster;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.mvccpb.KeyValue;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All keys of the [Writers], as linearizable reads through one member show them; remembers which were asked
/// for.
final class Tally {
    private static final Duration CALL = Duration.ofSeconds(15);

    private final Map<ByteString, KeyValue> found = new HashMap<>();
    private final Set<ByteString> asked = new HashSet<>();

    static Tally of(Direct member) {
        var tally = new Tally();
        for (String folder : Writer.FOLDERS) {
            var all = RangeRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(folder + "/"))
                    .setRangeEnd(ByteString.copyFromUtf8(folder + "0"))
                    .build();
            member.scan(all, CALL, kv -> tally.found.put(kv.getKey(), kv));
        }
        return tally;
    }

    private @Nullable KeyValue find(ByteString key) {
        asked.add(key);
        return found.get(key);
    }

    /// The number that is its value; 0 where there is no such key.
    long value(ByteString key) {
        KeyValue kv = find(key);
        return kv == null ? 0 : Long.parseLong(kv.getValue().toStringUtf8());
    }

    /// How often it was changed; 0 where there is no such key.
    long version(ByteString key) {
        KeyValue kv = find(key);
        return kv == null ? 0 : kv.getVersion();
    }

    /// Where it was changed last; 0 where there is no such key.
    long revision(ByteString key) {
        KeyValue kv = find(key);
        return kv == null ? 0 : kv.getModRevision();
    }

    /// How many keys are there that nobody has asked for.
    long strangers() {
        return found.keySet().stream().filter(key -> !asked.contains(key)).count();
    }

    Map<ByteString, KeyValue> all() {
        return found;
    }
}
