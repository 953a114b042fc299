package dev.cetera.concurrency;

import dev.cetera.rpc.LocalCalls;
import io.grpc.ServerServiceDefinition;
import java.util.List;

/// The services for locks and elections. Immutable.
public final class ConcurrencyServices {
    private ConcurrencyServices() {}

    /// Those of the client port; etcd's peer port has none of them.
    ///
    /// @param calls how the member's own services are called
    public static List<ServerServiceDefinition> definitions(LocalCalls calls) {
        return List.of();
    }
}
