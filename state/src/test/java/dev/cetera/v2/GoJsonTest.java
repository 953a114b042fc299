package dev.cetera.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class GoJsonTest {
    private static String quoted(String text) {
        return GoJson.quote(new StringBuilder(), text).toString();
    }

    @Test
    void stringsAreEscapedAsGoDoes() {
        assertThat(quoted("")).isEqualTo("\"\"");
        assertThat(quoted("a\"b\\c/d")).isEqualTo("\"a\\\"b\\\\c/d\"");
        assertThat(quoted("<a>&'=")).isEqualTo("\"\\u003ca\\u003e\\u0026'=\"");
        assertThat(quoted("\n\r\t\b\f\u0000\u001f\u007f")).isEqualTo("\"\\n\\r\\t\\u0008\\u000c\\u0000\\u001f\u007f\"");
        assertThat(quoted("\u2028\u2029\u2030")).isEqualTo("\"\\u2028\\u2029\u2030\"");
        assertThat(quoted("é😀")).isEqualTo("\"é😀\"");
        assertThat(quoted("\ud83dx\ude00")).isEqualTo("\"\\ufffdx\\ufffd\"");
    }

    @Test
    void textsSortByTheirUtf8Bytes() {
        var alphabet = "a0_é\uffff\ue000😀\ud7ff";
        var points = alphabet.codePoints().toArray();
        for (long seed = 0; seed < 5_000; seed++) {
            var random = new Random(seed);
            var a = text(random, points);
            var b = text(random, points);
            int expected =
                    Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
            assertThat(Integer.signum(GoJson.compare(a, b))).as("seed " + seed).isEqualTo(Integer.signum(expected));
        }
    }

    private static String text(Random random, int[] points) {
        var text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }
}
