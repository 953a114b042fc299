package dev.cetera.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyMatcherTest {
    private record Item(int number, KeyRange range) {}

    @Test
    void whatMatchesAgreesWithAskingEveryRange() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var matcher = new KeyMatcher<Item>();
            var all = new ArrayList<Item>();
            for (int step = 0; step < 120; step++) {
                if (random.nextInt(3) > 0 || all.isEmpty()) {
                    var item = new Item(step, someRange(random));
                    if (!item.range.isEmpty()) {
                        all.add(item);
                        matcher.add(item.range, item);
                    }
                } else {
                    var item = all.remove(random.nextInt(all.size()));
                    matcher.remove(item.range, item);
                }
                var key = someKey(random);
                var found = new ArrayList<Item>();
                matcher.match(key, found::add);
                var expected =
                        all.stream().filter(item -> item.range.contains(key)).toList();
                assertThat(found).as("seed " + seed).hasSameSizeAs(expected);
                assertThat(new HashSet<>(found)).as("seed " + seed).isEqualTo(new HashSet<>(expected));
            }
        }
    }

    private static KeyRange someRange(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> KeyRange.of(someKey(random), new byte[0]);
            case 1 -> KeyRange.of(someKey(random), new byte[1]);
            default -> KeyRange.of(someKey(random), someKey(random));
        };
    }

    /// Short keys of few letters, so that ranges meet, nest and coincide; bytes above 127 come after those
    /// below.
    private static byte[] someKey(Random random) {
        var key = new byte[1 + random.nextInt(2)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(7) * 40 + 1);
        }
        return key;
    }
}
