package dev.cetera.gateway;

import dev.cetera.rpc.LocalCalls;
import io.netty.channel.ChannelHandler;
import java.util.List;

/// Serves all calls as JSON over HTTP. Shared.
public final class Gateway {
    /// @param calls           how the member's services are called
    /// @param maxMessageBytes of a gRPC request
    /// @param bodyMillis      in which the body of a call with one request must have come
    public Gateway(LocalCalls calls, int maxMessageBytes, long bodyMillis) {}

    /// The handlers of one connection, to stand between HTTP's codec and the pages. What is not the gateway's
    /// they pass on.
    public List<ChannelHandler> newHandlers() {
        return List.of();
    }
}
