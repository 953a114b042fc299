package dev.cetera.lab.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.disk.Disk;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Members that have applied the same entries hold the same data, in every bucket of their databases.
///
/// A member's own, and so left out:
/// - in bucket `meta` the consistent index, the term beside it that later releases write, and which
///   compactions were accepted and are done;
/// - in bucket `key` what a compaction removes, now or later: everything at or below the compacted revision
///   but the newest change of a key that lives then;
/// - in bucket `members` the name of a member that has not published itself: who started from a snapshot never
///   learned it.
public final class SameState {
    private static final SortedMap<ByteString, ByteString> NO_ROWS =
            Collections.unmodifiableSortedMap(new TreeMap<>(ByteString.unsignedLexicographicalComparator()));

    /// What a member's database holds.
    ///
    /// @param index   of the last entry that the data contains
    /// @param buckets what must be the same, each key with its value, or the size and the checksum of a long
    ///     one
    public record Digest(String member, long index, Map<Bucket, SortedMap<ByteString, ByteString>> buckets) {}

    private static final int LONG_VALUE = 64;

    private SameState() {}

    /// What a member's backend has committed to its file.
    public static Digest of(String member, Backend backend) throws IOException {
        try (var snapshot = backend.snapshot()) {
            return of(member, snapshot);
        }
    }

    /// What is in a database file that nobody has open.
    public static Digest of(String member, Disk disk, Path file) throws IOException {
        try (var snapshot = Snapshot.of(disk, file)) {
            return of(member, snapshot);
        }
    }

    private static Digest of(String member, Snapshot snapshot) throws IOException {
        var accepted = snapshot.get(Bucket.META, MetaKey.SCHEDULED_COMPACTION.bytes());
        long compacted = accepted == null ? -1 : Revision.mainOf(accepted);
        var buckets = new EnumMap<Bucket, SortedMap<ByteString, ByteString>>(Bucket.class);
        for (var bucket : Bucket.values()) {
            if (snapshot.has(bucket)) {
                buckets.put(bucket, read(snapshot, bucket, compacted));
            }
        }
        return new Digest(member, snapshot.consistentIndex(), buckets);
    }

    private static SortedMap<ByteString, ByteString> read(Snapshot snapshot, Bucket bucket, long compacted)
            throws IOException {
        var rows = new TreeMap<ByteString, ByteString>(ByteString.unsignedLexicographicalComparator());
        var newest = new HashMap<ByteString, ByteString>();
        var cursor = snapshot.cursor(bucket);
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            var key = cursor.key();
            var value = cursor.value();
            switch (bucket) {
                case META -> {
                    if (!isOwn(key)) {
                        rows.put(ByteString.copyFrom(key), shortened(value));
                    }
                }
                case MEMBERS -> rows.put(ByteString.copyFrom(key), asKnown(value));
                case KEY -> {
                    var row = ByteString.copyFrom(key);
                    if (Revision.mainOf(key) <= compacted) {
                        var before = newest.put(KeyValue.parseFrom(value).getKey(), row);
                        if (before != null) {
                            rows.remove(before);
                        }
                    }
                    if (Revision.mainOf(key) > compacted || !Revision.isTombstone(key)) {
                        rows.put(row, shortened(value));
                    }
                }
                default -> rows.put(ByteString.copyFrom(key), shortened(value));
            }
        }
        return rows;
    }

    private static boolean isOwn(byte[] metaKey) {
        return Arrays.equals(metaKey, "term".getBytes(UTF_8))
                || Arrays.stream(MetaKey.values()).anyMatch(own -> Arrays.equals(own.bytes(), metaKey));
    }

    private static ByteString asKnown(byte[] json) {
        try {
            var member = JsonParser.parseString(new String(json, UTF_8)).getAsJsonObject();
            if (!isPublished(member)) {
                member.remove("name");
            }
            return ByteString.copyFromUtf8(member.toString());
        } catch (JsonParseException | IllegalStateException damaged) {
            return ByteString.copyFrom(json); // which no other member has
        }
    }

    private static boolean isPublished(JsonObject member) {
        var urls = member.get("clientURLs");
        return urls != null && urls.isJsonArray() && !urls.getAsJsonArray().isEmpty();
    }

    private static ByteString shortened(byte[] value) {
        if (value.length <= LONG_VALUE) {
            return ByteString.copyFrom(value);
        }
        var crc = new CRC32C();
        crc.update(value);
        return ByteString.copyFromUtf8(value.length + " bytes, CRC " + Long.toHexString(crc.getValue()));
    }

    // ---- comparing ----

    /// Compares all those with equal indexes.
    ///
    /// @return the first difference, in a sentence that names the bucket and the key
    public static Optional<String> difference(List<Digest> digests) {
        var firsts = new HashMap<Long, Digest>();
        for (var digest : digests) {
            var first = firsts.putIfAbsent(digest.index(), digest);
            if (first != null && !first.buckets().equals(digest.buckets())) {
                return Optional.of(difference(first, digest));
            }
        }
        return Optional.empty();
    }

    private static String difference(Digest one, Digest other) {
        for (var bucket : Bucket.values()) {
            var rows = one.buckets().getOrDefault(bucket, NO_ROWS);
            var others = other.buckets().getOrDefault(bucket, NO_ROWS);
            var keys = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
            keys.addAll(rows.keySet());
            keys.addAll(others.keySet());
            for (var key : keys) {
                var value = rows.get(key);
                var otherValue = others.get(key);
                if (value == null || !value.equals(otherValue)) {
                    return "after entry " + one.index() + " bucket " + bucket + " differs in key " + text(bucket, key)
                            + ": " + one.member() + " has " + text(value) + ", " + other.member() + " has "
                            + text(otherValue);
                }
            }
        }
        return "after entry " + one.index() + " " + one.member() + " and " + other.member()
                + " do not have the same buckets";
    }

    private static String text(Bucket bucket, ByteString key) {
        if (bucket != Bucket.KEY) {
            return text(key);
        }
        var bytes = key.toByteArray();
        return Revision.mainOf(bytes) + "_" + Revision.subOf(bytes)
                + (Revision.isTombstone(bytes) ? " (deletion)" : "");
    }

    private static String text(@Nullable ByteString bytes) {
        return bytes == null ? "nothing" : "\"" + TextFormat.escapeBytes(bytes) + "\"";
    }
}
