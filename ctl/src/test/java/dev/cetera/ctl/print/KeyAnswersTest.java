package dev.cetera.ctl.print;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.WatchResponse;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeyAnswersTest {
    private static String json(WatchResponse answer) throws Answer.UnsupportedFormatException {
        var bytes = new ByteArrayOutputStream();
        var stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        KeyAnswers.watch(answer).print(Format.JSON, new Out(stream, Out.Bytes.RAW, Out.Pairs.KEYS_AND_VALUES));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aWatchThatEndsHasNoEventsIfAMemberSaysSoAndNoneAtAllIfTheClientDoes() throws Exception {
        var end = WatchResponse.newBuilder().setCanceled(true);
        assertThat(json(end.build()))
                .isEqualTo(
                        "{\"Header\":{},\"Events\":null,\"CompactRevision\":0,\"Canceled\":true,\"Created\":false}\n");
        assertThat(json(end.setCompactRevision(7).build()))
                .isEqualTo("{\"Header\":{},\"Events\":[],\"CompactRevision\":7,\"Canceled\":true,\"Created\":false}\n");
    }
}
