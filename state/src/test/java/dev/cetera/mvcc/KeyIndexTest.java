package dev.cetera.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyIndexTest {
    private record Moment(KeyIndex.Root root, TreeMap<byte[], Version> twin) {}

    @Test
    void rootsAgreeWithATreeMapForEver() {
        for (var seed = 0L; seed < 150; seed++) {
            var random = new Random(seed);
            var keys = random.nextInt(3) == 0 ? 5000 : 200;
            var index = new KeyIndex();
            var twin = new TreeMap<byte[], Version>(Arrays::compareUnsigned);
            var moments = new ArrayList<Moment>();
            var ascending = random.nextInt(3) == 0;
            for (var main = 2; main < 3000; main++) {
                var key = key(ascending ? main : random.nextInt(keys));
                var old = twin.get(key);
                assertThat(index.get(key)).isSameAs(old);
                if (random.nextInt(main % 1000 < 500 ? 10 : 2) == 0) {
                    index.remove(key);
                    twin.remove(key);
                } else {
                    var version = random.nextInt(4) == 0
                            ? Version.tombstone(main, 0, old)
                            : Version.put(main, 0, main, 1, false, old);
                    index.put(key, version);
                    twin.put(key, version);
                }
                if (random.nextInt(300) == 0) {
                    moments.add(new Moment(index.root(), new TreeMap<>(twin)));
                }
            }
            moments.add(new Moment(index.root(), twin));
            for (var moment : moments) {
                check(moment, random, keys, seed);
            }
        }
    }

    private static void check(Moment moment, Random random, int keys, long seed) {
        check(moment, new byte[0], null, seed);
        for (var i = 0; i < 10; i++) {
            check(moment, key(random.nextInt(keys)), random.nextInt(4) == 0 ? null : key(random.nextInt(keys)), seed);
        }
    }

    private static void check(Moment moment, byte[] first, byte @Nullable [] end, long seed) {
        Map<byte[], Version> expected = end == null
                ? moment.twin.tailMap(first)
                : Arrays.compareUnsigned(first, end) < 0 ? moment.twin.subMap(first, end) : Map.of();
        var seen = new ArrayList<Version>();
        if (end == null || Arrays.compareUnsigned(first, end) < 0) {
            moment.root.walk(first, end, (_, version) -> seen.add(version));
        }
        assertThat(seen).as("seed %s", seed).isEqualTo(new ArrayList<>(expected.values()));
        assertThat(moment.root.countLive(first, end))
                .as("seed %s", seed)
                .isEqualTo(expected.values().stream()
                        .filter(version -> !version.isTombstone())
                        .count());
    }

    private static byte[] key(int n) {
        return Integer.toString(n).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Test
    void aLongHistoryIsReadAsOfAnyRevisionAndCompacted() {
        for (var seed = 0L; seed < 200; seed++) {
            var random = new Random(seed);
            var all = new ArrayList<Version>();
            var main = 1L;
            var newest = Version.put(main, 0, main, 1, false, null);
            all.add(newest);
            for (var i = random.nextInt(200); i >= 0; i--) {
                main += random.nextInt(3);
                newest = random.nextInt(5) == 0
                        ? Version.tombstone(main, all.size(), newest)
                        : Version.put(main, all.size(), main, 1, false, newest);
                all.add(newest);
            }
            var compacted = random.nextLong(main + 2);
            var rest = newest.compacted(compacted);
            for (var at = 0L; at < main + 2; at++) {
                Version expected = null;
                for (var version : all) {
                    expected = version.main <= at ? version : expected;
                }
                assertThat(newest.asOf(at)).as("seed %s", seed).isSameAs(expected);
                if (at >= compacted) {
                    var left = View.liveAt(rest, at);
                    var living = expected == null || expected.isTombstone() ? null : expected;
                    assertThat(left == null ? -1 : left.sub())
                            .as("seed %s", seed)
                            .isEqualTo(living == null ? -1 : living.sub());
                }
            }
        }
    }
}
