package dev.cetera.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeySpansTest {
    private record Range(byte[] key, byte[] end) {
        /// The obvious question, asked of one key.
        boolean has(byte[] asked) {
            if (end.length == 0) {
                return Arrays.equals(key, asked);
            }
            boolean open = end.length == 1 && end[0] == 0;
            return key.length > 0
                    && Arrays.compareUnsigned(key, asked) <= 0
                    && (open || Arrays.compareUnsigned(asked, end) < 0);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static KeySpans of(String... pairs) {
        var builder = new KeySpans.Builder();
        for (int i = 0; i < pairs.length; i += 2) {
            builder.add(bytes(pairs[i]), bytes(pairs[i + 1]));
        }
        return builder.build();
    }

    private static boolean covers(KeySpans spans, String key, String end) {
        return spans.covers(bytes(key), bytes(end));
    }

    @Test
    void rangesOfDifferentRolesThatTouchAddUp() {
        var spans = of("a", "c", "c", "e", "g", "");
        assertThat(covers(spans, "a", "e")).isTrue();
        assertThat(covers(spans, "a", "f")).isFalse();
        assertThat(covers(spans, "b", "d")).isTrue();
        assertThat(covers(spans, "g", "")).isTrue();
        assertThat(covers(spans, "g", "h")).isFalse();
        assertThat(covers(spans, "g", "g\0")).isTrue();
    }

    @Test
    void aGrantOfOneKeyIsNoGrantOfAllThatFollow() {
        var spans = of("k", "");
        assertThat(covers(spans, "k", "")).isTrue();
        assertThat(covers(spans, "k", "\0")).isFalse();
        assertThat(covers(spans, "k", "l")).isFalse();
    }

    @Test
    void aGrantWithoutAnEndCoversWhatHasNone() {
        var spans = of("k", "\0");
        assertThat(covers(spans, "k", "\0")).isTrue();
        assertThat(covers(spans, "z", "\0")).isTrue();
        assertThat(covers(spans, "j", "\0")).isFalse();
        assertThat(covers(of("\0", "\0"), "\0", "\0")).isTrue();
    }

    @Test
    void whatIsInvertedOrBeginsNowhereCoversNothing() {
        assertThat(covers(of("b", "a"), "b", "")).isFalse();
        assertThat(covers(of("", "\0"), "a", "")).isFalse();
        assertThat(covers(of("a", "z"), "", "\0")).isFalse();
    }

    @Test
    void anInvertedRequestCountsAsItsFirstKey() {
        assertThat(covers(of("b", "c"), "b", "a")).isTrue();
        assertThat(covers(of("b", "c"), "c", "a")).isFalse();
    }

    @Test
    void agreesWithAskingForEachKey() {
        for (long seed = 0; seed < 3_000; seed++) {
            var random = new Random(seed);
            var granted = new ArrayList<Range>();
            var builder = new KeySpans.Builder();
            for (int i = random.nextInt(6); i > 0; i--) {
                var range = new Range(key(random), end(random));
                granted.add(range);
                builder.add(range.key(), range.end());
            }
            var spans = builder.build();
            for (int i = 0; i < 20; i++) {
                var asked = new Range(key(random), end(random));
                assertThat(spans.covers(asked.key(), asked.end()))
                        .as(
                                "seed %d: %s of %s",
                                seed,
                                shown(asked),
                                granted.stream().map(KeySpansTest::shown).toList())
                        .isEqualTo(obviously(granted, asked));
            }
        }
    }

    /// Over every key of up to two letters out of few, which are all that ranges begin or end at here, and the
    /// keys between those.
    private static boolean obviously(List<Range> granted, Range asked) {
        var inside = new ArrayList<byte[]>();
        for (var key : KEYS) {
            if (asked.has(key)) {
                inside.add(key);
            }
        }
        if (inside.isEmpty()) {
            inside.add(asked.key());
        }
        return inside.stream().allMatch(key -> granted.stream().anyMatch(range -> range.has(key)));
    }

    private static final List<String> LETTERS = List.of("a", "b", "c", "d");
    private static final List<byte[]> KEYS = keys();

    private static List<byte[]> keys() {
        var keys = new ArrayList<byte[]>();
        for (var one : LETTERS) {
            keys.add(bytes(one));
            for (var two : LETTERS) {
                keys.add(bytes(one + two));
                keys.add(bytes(one + two + "\0"));
                keys.add(bytes(one + two + "\u00ff"));
            }
            keys.add(bytes(one + "\0"));
            keys.add(bytes(one + "\u00ff"));
        }
        return keys;
    }

    private static byte[] key(Random random) {
        var one = LETTERS.get(random.nextInt(LETTERS.size()));
        return bytes(random.nextBoolean() ? one : one + LETTERS.get(random.nextInt(LETTERS.size())));
    }

    private static byte[] end(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> bytes("");
            case 1 -> bytes("\0");
            default -> key(random);
        };
    }

    private static String shown(Range range) {
        return Arrays.toString(range.key()) + ".." + Arrays.toString(range.end());
    }
}
