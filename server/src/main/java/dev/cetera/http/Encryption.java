package dev.cetera.http;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// What a connection's handlers can know of its encryption. gRPC's calls find the same session in their
/// attribute `Grpc.TRANSPORT_ATTR_SSL_SESSION`.
public final class Encryption {
    private static final AttributeKey<SSLSession> SESSION = AttributeKey.valueOf(Encryption.class, "session");

    private Encryption() {}

    /// Whether the connection is by TLS; its handshake is over by the time there is something to serve.
    public static boolean isOn(Channel channel) {
        return session(channel) != null;
    }

    /// Null without TLS.
    public static @Nullable SSLSession session(Channel channel) {
        return channel.attr(SESSION).get();
    }

    static void begin(Channel channel, @Nullable SSLSession session) {
        channel.attr(SESSION).set(session);
    }
}
