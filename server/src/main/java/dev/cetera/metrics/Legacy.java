package dev.cetera.metrics;

import java.util.List;

/// Families that an etcd server always shows although the part behind them is another program or the v2 API.
/// Dashboards that ask for them find them at zero.
final class Legacy {
    private Legacy() {}

    static void register(Registry registry) {
        registry.gauge("etcd_debugging_store_watchers", "Watchers of the v2 store.")
                .set(0);
        for (var name : List.of("etcd_debugging_store_expires_total", "etcd_debugging_store_watch_requests_total")) {
            registry.counter(name, "Of the v2 store.");
        }
        registry.counter("etcd_grpc_proxy_events_coalescing_total", "Of the gRPC proxy.");
        for (var name :
                List.of("cache_hits_total", "cache_keys_total", "cache_misses_total", "watchers_coalescing_total")) {
            registry.gauge("etcd_grpc_proxy_" + name, "Of the gRPC proxy.").set(0);
        }
    }
}
