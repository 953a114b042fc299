package dev.cetera.node;

import dev.cetera.config.Config;
import dev.cetera.metrics.Metrics;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Opens (or founds) a member and starts it. The ports are bound by then, and hold their connections.
@FunctionalInterface
public interface NodeFactory {
    /// How a member gets to the others.
    record Ways(Link link, Peers peers) {}

    /// A member that has been started.
    interface Running {
        Node node();

        /// Where other members' messages go.
        Inbound inbound();

        /// gRPC services of this member beside those in front of [Node]: the watch service.
        List<ServerServiceDefinition> services();

        /// Done when the member can serve clients; fails when it never will.
        CompletableFuture<Void> ready();

        /// Hands leadership on before [#close], while the others can still be reached. Blocks for a bounded
        /// time.
        void handOver() throws InterruptedException;

        /// Stops the member: what is outstanding is refused, what was acknowledged is on disk. Idempotent.
        void close() throws IOException, InterruptedException;
    }

    /// Starts a member.
    ///
    /// @param end told once, from any thread, when the member cannot go on (a failed sync, a broken
    ///     invariant), or by a [RemovedException] when it has no more business
    /// @throws IOException when the data directory cannot be used; the message is for the operator
    Running start(Config config, Metrics metrics, Ways ways, Consumer<Throwable> end) throws IOException;
}
