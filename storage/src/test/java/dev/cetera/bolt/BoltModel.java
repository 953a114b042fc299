package dev.cetera.bolt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a bolt file is for: buckets of ordered keys, nothing about pages. The slow, obvious twin. Confined.
final class BoltModel {
    final TreeMap<String, TreeMap<byte[], byte[]>> buckets = new TreeMap<>();

    BoltModel copy() {
        var copy = new BoltModel();
        buckets.forEach((name, keys) -> {
            var same = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
            same.putAll(keys);
            copy.buckets.put(name, same);
        });
        return copy;
    }

    static FreelistForm anyForm(Random random) {
        return random.nextBoolean() ? FreelistForm.STORED : FreelistForm.NOT_STORED;
    }

    /// Options under which everything happens soon: small pages, and a file that shrinks for a few free ones.
    static BoltOptions anyOptions(Random random) {
        int pageSize = 1024 << random.nextInt(3);
        var shrinking = new Shrinking(
                pageSize * random.nextLong(1, 9),
                random.nextInt(4) / 10.0,
                pageSize * random.nextLong(1, 40),
                pageSize * random.nextLong(1, 200));
        return new BoltOptions(pageSize, anyForm(random), random.nextInt(4) == 0 ? Shrinking.NEVER : shrinking);
    }

    static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// One random change, made to both.
    void change(Random random, WriteTx tx) throws IOException {
        var name = "bucket" + random.nextInt(4);
        var writer = tx.createBucket(name(name));
        var keys = buckets.computeIfAbsent(name, _ -> new TreeMap<>(Arrays::compareUnsigned));
        if (random.nextInt(5) == 0) {
            writer.setFillPercent(random.nextDouble());
        }
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> append(random, writer, keys);
            case 3, 4, 5 -> scatter(random, writer, keys);
            case 6 -> deleteRange(random, writer, keys, random.nextInt(1, 400));
            case 7 -> deleteRange(random, writer, keys, random.nextInt(1, 10));
            case 8 -> {
                if (random.nextInt(4) == 0) {
                    deleteRange(random, writer, keys, Integer.MAX_VALUE);
                }
            }
            default -> {
                for (var key : keys.keySet().toArray(byte[][]::new)) {
                    if (random.nextInt(3) == 0) {
                        writer.delete(key);
                        keys.remove(key);
                    }
                }
            }
        }
    }

    private static void append(Random random, BucketWriter writer, SortedMap<byte[], byte[]> keys) throws IOException {
        long next = keys.isEmpty() || keys.lastKey().length != 9 ? 0 : bigEndian(keys.lastKey()) + 1;
        int count = random.nextInt(1, 300);
        for (int i = 0; i < count; i++) {
            put(writer, keys, riser(next + i), value(random));
        }
    }

    /// Keys 'r' and a rising number.
    private static byte[] riser(long number) {
        var key = new byte[9];
        key[0] = 'r';
        for (int i = 8; i > 0; i--, number >>>= 8) {
            key[i] = (byte) number;
        }
        return key;
    }

    private static long bigEndian(byte[] key) {
        long number = 0;
        for (int i = 1; i < 9; i++) {
            number = (number << 8) | (key[i] & 0xff);
        }
        return number;
    }

    private static void scatter(Random random, BucketWriter writer, SortedMap<byte[], byte[]> keys) throws IOException {
        int count = random.nextInt(1, 60);
        for (int i = 0; i < count; i++) {
            var key = new byte[random.nextInt(20) == 0 ? random.nextInt(1, 700) : random.nextInt(1, 4)];
            random.nextBytes(key);
            put(writer, keys, key, value(random));
        }
    }

    private static void put(BucketWriter writer, SortedMap<byte[], byte[]> keys, byte[] key, byte[] value)
            throws IOException {
        writer.put(key, value);
        keys.put(key, value);
    }

    private static byte[] value(Random random) {
        int bytes = switch (random.nextInt(40)) {
            case 0 -> random.nextInt(30_000);
            case 1, 2, 3 -> random.nextInt(1500);
            default -> random.nextInt(80);
        };
        var value = new byte[bytes];
        random.nextBytes(value);
        return value;
    }

    private static void deleteRange(Random random, BucketWriter writer, SortedMap<byte[], byte[]> keys, int count)
            throws IOException {
        if (keys.isEmpty()) {
            return;
        }
        var all = keys.keySet().toArray(byte[][]::new);
        int from = count == Integer.MAX_VALUE ? 0 : random.nextInt(all.length);
        for (int i = from; i < all.length && i - from < count; i++) {
            writer.delete(all[i]);
            keys.remove(all[i]);
        }
        writer.delete(new byte[] {'n', 'o', 'n', 'e'});
        keys.remove(new byte[] {'n', 'o', 'n', 'e'});
    }

    void assertSeenBy(Tx tx, String when) throws IOException {
        if (isSeenBy(tx)) {
            return;
        }
        assertThat(tx.buckets()).as(when).hasSize(buckets.size());
        for (var entry : buckets.entrySet()) {
            var bucket = requireNonNull(tx.bucket(name(entry.getKey())), when);
            var cursor = bucket.cursor();
            for (var pair : entry.getValue().entrySet()) {
                assertThat(cursor.next()).as(when).isTrue();
                same(cursor.key(), pair.getKey(), when);
                same(cursor.value(), pair.getValue(), when);
            }
            assertThat(cursor.next()).as(when).isFalse();
        }
    }

    /// Whether the transaction shows exactly this.
    boolean isSeenBy(Tx tx) throws IOException {
        if (tx.buckets().size() != buckets.size()) {
            return false;
        }
        for (var entry : buckets.entrySet()) {
            var bucket = tx.bucket(name(entry.getKey()));
            if (bucket == null) {
                return false;
            }
            var cursor = bucket.cursor();
            for (var pair : entry.getValue().entrySet()) {
                if (!cursor.next()
                        || !Arrays.equals(cursor.key(), pair.getKey())
                        || !Arrays.equals(cursor.value(), pair.getValue())) {
                    return false;
                }
            }
            if (cursor.next()) {
                return false;
            }
        }
        return true;
    }

    /// The same by other ways: single gets, seeks and steps back.
    void assertFoundIn(Tx tx, Random random, String when) throws IOException {
        for (var entry : buckets.entrySet()) {
            var keys = entry.getValue();
            var bucket = requireNonNull(tx.bucket(name(entry.getKey())), when);
            var cursor = bucket.cursor();
            assertThat(cursor.last()).as(when).isEqualTo(!keys.isEmpty());
            for (var key : keys.descendingKeySet()) {
                same(cursor.key(), key, when);
                cursor.prev();
            }
            for (int i = 0; i < 20; i++) {
                var key = new byte[random.nextInt(1, 4)];
                random.nextBytes(key);
                if (i % 2 == 0 && keys.ceilingKey(key) != null) {
                    key = requireNonNull(keys.ceilingKey(key));
                }
                assertThat(bucket.get(key)).as(when).isEqualTo(keys.get(key));
                var above = keys.ceilingKey(key);
                assertThat(cursor.seek(key)).as(when).isEqualTo(above != null);
                if (above != null) {
                    same(cursor.key(), above, when);
                    var below = keys.lowerKey(above);
                    assertThat(cursor.prev()).as(when).isEqualTo(below != null);
                    if (below != null) {
                        same(cursor.key(), below, when);
                    }
                }
            }
        }
    }

    private static void same(byte[] found, byte[] expected, String when) {
        if (!Arrays.equals(found, expected)) {
            assertThat(found).as(when).isEqualTo(expected);
        }
    }
}
