package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.cetera.gateway.Gateway;
import dev.cetera.lab.fuzz.FuzzTarget.Budget;
import dev.cetera.metrics.Metrics;
import dev.cetera.rpc.LocalCalls;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// JSON that clients post to the gateway: it is read, and what can be read is called and applied.
final class GatewayTargets {
    private static final RpcLimits LIMITS = new RpcLimits(128, 1 << 20);

    private GatewayTargets() {}

    /// Bodies by path, one after the other, to one member; what they leave must come back after a restart.
    static FuzzTarget json() {
        var txn = """
                {"compare":[{"target":"MOD","result":1,"key":"YQ==","mod_revision":"0"}],
                 "success":[{"request_put":{"key":"YQ==","value":"Yg==","prevKv":true}},
                            {"requestTxn":{"failure":[{"request_range":{"key":"AA==","range_end":"AA=="}}]}}],
                 "failure":[{"request_delete_range":{"key":[97,98]}}]}""";
        var seed = Bundle.of("/v3beta/kv/put", bytes("{\"key\":\"YQ==\",\"value\":\"Yg==\",\"lease\":\"0\"}"))
                .and("/v3/kv/txn", bytes(txn))
                .and("/v3alpha/kv/range", bytes("{\"key\":\"YQ==\",\"limit\":3,\"sort_order\":\"DESCEND\"}"))
                .and("/v3beta/lease/grant", bytes("{\"TTL\":60,\"ID\":\"7\"}"))
                .and("/v3beta/lease/keepalive", bytes("{\"ID\":7} {\"ID\":\"8\"}"))
                .and("/v3/auth/role/grant", bytes("{\"name\":\"r\",\"perm\":{\"permType\":2,\"key\":\"YQ==\"}}"))
                .and("/v3beta/auth/role/revoke", bytes("{\"role\":\"r\",\"key\":\"a\\u00e9\\ud83d\\ude00\"}"))
                .and("/v3/cluster/member/add", bytes("{\"peerURLs\":[\"http://h:1\"],\"isLearner\":false}"))
                .and("/v3beta/maintenance/alarm", bytes("{\"action\":\"GET\",\"memberID\":null}"))
                .and("/v3beta/kv/compaction", bytes("{\"revision\":2,\"physical\":true}"));
        return FuzzTarget.of("gateway-json", List.of(seed.pack()), Set.of(), GatewayTargets::post)
                .with(Bundle.within(JsonMutation.ONCE), Bundle.within(JsonMutation.ONCE, Havoc.ONCE))
                .within(new Budget(64L << 20, 1_000, 5_000));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static String post(byte[] input) throws IOException {
        try (var machine = Machine.fresh()) {
            var services = new Services(FakeMember.of(machine), LIMITS, new Metrics(Metrics.Detail.BASIC), List.of());
            var calls = new LocalCalls();
            calls.serve(services);
            var gateway = new Gateway(calls, LIMITS.maxMessageBytes(), 60_000);
            var last = "nothing";
            for (var part : Bundle.unpack(input).parts()) {
                last = post(gateway, part);
            }
            machine.requireRestorable();
            return last;
        }
    }

    private static String post(Gateway gateway, Bundle.Part part) {
        if (!part.name().matches("/[!-~]*")) {
            return "no path"; // HTTP's codec lets none of these through
        }
        var channel = new EmbeddedChannel(gateway.newHandler());
        channel.writeInbound(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, part.name()));
        var sizes = new Random(part.bytes().length);
        for (int at = 0; at < part.bytes().length; ) {
            int size = Math.min(part.bytes().length - at, 1 + sizes.nextInt(300));
            channel.writeInbound(new DefaultHttpContent(Unpooled.copiedBuffer(part.bytes(), at, size)));
            at += size;
        }
        channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
        channel.runPendingTasks();
        int status = 0;
        boolean ended = false;
        var body = new StringBuilder();
        for (var out = channel.<Object>readOutbound(); out != null; out = channel.readOutbound()) {
            if (out instanceof HttpResponse head) {
                if (status != 0) {
                    throw new AssertionError("answered twice");
                }
                status = head.status().code();
            }
            if (out instanceof HttpContent content) {
                body.append(content.content().toString(ISO_8859_1));
                ended = out instanceof LastHttpContent;
            }
            ReferenceCountUtil.release(out);
        }
        channel.finishAndReleaseAll(); // throws what a handler threw
        if (status != 0) {
            check(part.name(), body.toString(), ended);
        }
        return part.name().substring(part.name().lastIndexOf('/') + 1) + " " + status;
    }

    /// Paths that are not the gateway's go unanswered here. Whatever is answered is JSON, or a line for a path
    /// that is not there.
    private static void check(String path, String body, boolean ended) {
        if (!ended) {
            throw new AssertionError(path + " was not answered to its end: " + body);
        }
        if (!body.startsWith("{")) {
            return;
        }
        try {
            for (var line : body.split("\n", -1)) {
                var _ = JsonParser.parseString(line);
            }
        } catch (JsonParseException malformed) {
            throw new AssertionError(path + " was answered with what is no JSON: " + body, malformed);
        }
    }
}
