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
    /// A member that has been started.
    interface Running {
        Node node();

        /// gRPC services of this member beside those in front of [Node]: the watch service.
        List<ServerServiceDefinition> services();

        /// Done when the member can serve clients; fails when it never will.
        CompletableFuture<Void> ready();

        /// Stops the member: what is outstanding is refused, what was acknowledged is on disk. Idempotent.
        void close() throws IOException, InterruptedException;
    }

    /// Starts a member.
    ///
    /// @param fatal told once, from any thread, when the member cannot go on (a failed sync, a broken
    ///     invariant)
    /// @throws IOException when the data directory cannot be used; the message is for the operator
    Running start(Config config, Metrics metrics, Consumer<Throwable> fatal) throws IOException;
}
