package dev.cetera.gateway;

import dev.cetera.rpc.LocalCalls;
import io.grpc.Channel;
import io.netty.channel.ChannelHandler;
import java.util.concurrent.atomic.AtomicLong;

/// Serves all calls as JSON over HTTP. Shared.
public final class Gateway {
    /// Of requests that have come in part, on all connections together.
    private static final long MAX_PARTIAL_BYTES = 64L << 20;

    /// Base64 makes four bytes of three, and there are names and blanks.
    private static final int TEXT_PER_BYTE = 2;

    private static final int TEXT_MORE = 64 << 10;

    private final Ways ways;

    /// What every exchange needs. Shared.
    ///
    /// @param calls        calls of the services, in the name of whoever their metadata says
    /// @param maxTextBytes of the JSON of one message
    /// @param partialBytes of requests that have come in part, on all connections
    record Ways(Channel calls, int maxTextBytes, long bodyMillis, AtomicLong partialBytes) {
        boolean hasRoom() {
            return partialBytes.get() <= MAX_PARTIAL_BYTES;
        }
    }

    /// @param calls           how the member's services are called
    /// @param maxMessageBytes of a gRPC request
    /// @param bodyMillis      in which the body of a call with one request must have come
    public Gateway(LocalCalls calls, int maxMessageBytes, long bodyMillis) {
        int maxText = (int) Math.min(Integer.MAX_VALUE - 8L, (long) TEXT_PER_BYTE * maxMessageBytes + TEXT_MORE);
        ways = new Ways(calls.channel(), maxText, bodyMillis, new AtomicLong());
    }

    /// For one connection, to stand between HTTP's codec and the pages. It takes one request at a time, and
    /// passes on what is not the gateway's.
    public ChannelHandler newHandler() {
        return new GatewayHandler(ways);
    }
}
