package dev.cetera.concurrency;

import dev.cetera.rpc.LocalCalls;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.util.List;

/// The services for locks and elections.
public final class ConcurrencyServices {
    private ConcurrencyServices() {}

    /// Those of the client port; etcd's peer port has none of them.
    ///
    /// @param calls how the member's own services are called
    public static List<ServerServiceDefinition> definitions(LocalCalls calls) {
        var named = Inner.inTheNameOfTheCaller(calls);
        return List.of(
                ServerInterceptors.intercept(new LockService(), named),
                ServerInterceptors.intercept(new ElectionService(), named));
    }
}
