package dev.cetera.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The syntax, against another reader of JSON.
final class JsonSyntaxTest {
    private static final String SOUND =
            "{\"a\":[1,-2.5e+3,0,true,false,null,\"x\\n\\u00e9\\\\\"],\"b\":{\"c\":{},\"d\":[]},\"e\":[[{\"f\":\"\"}]]}";
    private static final String PIECES = "{}[]:,\"\\truefalsn0123456789.eE+- u\n\u0001";

    private static boolean takes(String text) {
        var bytes = text.getBytes(ISO_8859_1);
        try {
            int end = JsonSyntax.pass(bytes, 0, bytes.length, "ended");
            return JsonSyntax.afterBlanks(bytes, end, bytes.length) == bytes.length;
        } catch (Malformed no) {
            return false;
        }
    }

    private static boolean twinTakes(String text) {
        var reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            int depth = 0;
            do {
                switch (reader.peek()) {
                    case BEGIN_OBJECT -> {
                        reader.beginObject();
                        depth++;
                    }
                    case END_OBJECT -> {
                        reader.endObject();
                        depth--;
                    }
                    case BEGIN_ARRAY -> {
                        reader.beginArray();
                        depth++;
                    }
                    case END_ARRAY -> {
                        reader.endArray();
                        depth--;
                    }
                    case NAME -> {
                        var _ = reader.nextName();
                    }
                    case STRING, NUMBER -> {
                        var _ = reader.nextString();
                    }
                    case BOOLEAN -> {
                        var _ = reader.nextBoolean();
                    }
                    case NULL -> reader.nextNull();
                    default -> {
                        return false;
                    }
                }
            } while (depth > 0);
            return reader.peek() == JsonToken.END_DOCUMENT;
        } catch (IOException | IllegalStateException | NumberFormatException no) {
            return false;
        }
    }

    @Test
    void itTakesWhatAnotherReaderTakes() {
        int taken = 0;
        for (int seed = 0; seed < 30_000; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder(SOUND);
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(text.length());
                var piece = String.valueOf(PIECES.charAt(random.nextInt(PIECES.length())));
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, piece);
                    default -> text.replace(at, at + 1, piece);
                }
            }
            boolean takes = takes(text.toString());
            taken += takes ? 1 : 0;
            assertThat(takes).as("seed %s: %s", seed, text).isEqualTo(twinTakes(text.toString()));
        }
        assertThat(taken).isBetween(1_000, 29_000);
    }
}
