package dev.cetera.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.config.Config.Web;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BrowsersTest {
    private static final Web NAMED = new Web(List.of(), List.of("ok.example", "::1"));

    /// What a request with these headers is answered; empty when it is let in.
    private static String send(Web web, String headers) {
        var channel = new EmbeddedChannel(new HttpServerCodec());
        Browsers.guards(web).forEach(channel.pipeline()::addLast);
        channel.writeInbound(
                Unpooled.copiedBuffer("GET /version HTTP/1.1\r\n" + headers + "\r\n", StandardCharsets.US_ASCII));
        var out = new StringBuilder();
        for (var message = channel.<Object>readOutbound(); message != null; message = channel.readOutbound()) {
            if (message instanceof ByteBuf bytes) {
                out.append(bytes.toString(StandardCharsets.US_ASCII));
            }
            ReferenceCountUtil.release(message);
        }
        channel.finishAndReleaseAll();
        return out.toString();
    }

    @Test
    void cve20181099AStrangeNameIsRefused() {
        assertThat(send(NAMED, "Host: ok.example\r\n")).isEmpty();
        assertThat(send(NAMED, "Host: ok.example:2379\r\n")).isEmpty();
        assertThat(send(NAMED, "Host: [::1]:2379\r\n")).isEmpty();
        assertThat(send(NAMED, "Host: evil.example:2379\r\n"))
                .startsWith("HTTP/1.1 421 Misdirected Request\r\nContent-Type: text/plain; charset=utf-8\r\n")
                .contains("X-Content-Type-Options: nosniff\r\n")
                .endsWith("""


                        etcd received your request, but the Host header was unrecognized.

                        To fix this, choose one of the following options:
                        - Enable TLS, then any HTTPS request will be allowed.
                        - Add the hostname you want to use to the whitelist in settings.
                          - e.g. etcd --host-whitelist "evil.example"

                        This requirement has been added to help prevent "DNS Rebinding" attacks (CVE-2018-5702).

                        """.substring(1));
        assertThat(send(NAMED, "")).startsWith("HTTP/1.1 421 ");
    }

    @Test
    void withoutAListAnyNameWillDo() {
        assertThat(send(new Web(List.of(), List.of()), "Host: evil.example\r\n"))
                .isEmpty();
        assertThat(send(new Web(List.of(), List.of("*")), "Host: evil.example\r\n"))
                .isEmpty();
    }
}
