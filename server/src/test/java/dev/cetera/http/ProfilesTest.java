package dev.cetera.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ProfilesTest {
    private final Profiles profiles = new Profiles();

    private Reply get(String path, String query) throws Exception {
        var reply = new CompletableFuture<Reply>();
        profiles.serve(
                new Request("GET", "/debug/pprof/" + path, query, new DefaultHttpHeaders(), ByteString.EMPTY),
                reply::complete);
        return reply.get(60, TimeUnit.SECONDS);
    }

    @Test
    void theIndexNamesThePages() throws Exception {
        assertThat(get("", "").body().toStringUtf8())
                .contains("href=\"profile?seconds=30\"")
                .contains("href=\"heap?debug=1\"");
    }

    @Test
    void stacksAndObjectsAreText() throws Exception {
        assertThat(get("goroutine", "debug=2").body().toStringUtf8()).contains("java.lang.Thread.State");
        assertThat(get("heap", "debug=1").body().toStringUtf8()).contains("java.lang.String");
        assertThat(get("cmdline", "").body().toStringUtf8()).contains("java");
    }

    @Test
    void aProfileIsARecordingOfTheFlightRecorder() throws Exception {
        var reply = get("profile", "seconds=1");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body().substring(0, 3).toStringUtf8()).isEqualTo("FLR");
        assertThat(reply.headers()).containsEntry("Content-Disposition", "attachment; filename=\"profile.jfr\"");
    }

    @Test
    void whatIsAskedForWronglyIsRefused() throws Exception {
        assertThat(get("nosuch", "").status()).isEqualTo(404);
        assertThat(get("nosuch", "").body().toStringUtf8()).isEqualTo("Unknown profile\n");
        assertThat(get("profile", "seconds=-1").status()).isEqualTo(400);
    }
}
