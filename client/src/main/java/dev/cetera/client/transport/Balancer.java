package dev.cetera.client.transport;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Takes turns over the endpoints that are connected. Shared: the list is replaced as a whole.
final class Balancer {
    private final Function<Address, Endpoint> maker;
    private final Executor executor;
    private final AtomicInteger turn = new AtomicInteger();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final ReentrantLock updating = new ReentrantLock();
    private volatile List<Endpoint> endpoints = List.of();
    /// Those that are no more to be used, while calls on them may still end.
    private final Set<Endpoint> retired = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    Balancer(Function<Address, Endpoint> maker, Executor executor) {
        this.maker = maker;
        this.executor = executor;
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    /// How many endpoints are more than half of them.
    int quorum() {
        return endpoints.size() / 2 + 1;
    }

    /// Endpoints that stay keep their connection.
    void update(List<Address> addresses) {
        updating.lock();
        try {
            if (closed) {
                return;
            }
            var old = new HashMap<Address, Endpoint>();
            endpoints.forEach(endpoint -> old.put(endpoint.address(), endpoint));
            var all = new ArrayList<Endpoint>();
            var fresh = new ArrayList<Endpoint>();
            for (var address : addresses.stream().distinct().toList()) {
                var known = old.remove(address);
                if (known == null) {
                    known = maker.apply(address);
                    fresh.add(known);
                }
                all.add(known);
            }
            endpoints = List.copyOf(all);
            fresh.forEach(Endpoint::start);
            old.values().forEach(each -> {
                retired.add(each);
                each.retire(() -> retired.remove(each));
            });
        } finally {
            updating.unlock();
        }
        wake();
    }

    /// The next that is connected, another than `avoided` if there is one; null if none is.
    @Nullable
    Endpoint pick(@Nullable Endpoint avoided) {
        var all = endpoints;
        int first = turn.getAndIncrement() & Integer.MAX_VALUE;
        @Nullable Endpoint last = null;
        for (int i = 0; i < all.size(); i++) {
            var candidate = all.get((first + i) % all.size());
            if (candidate.ready()) {
                if (candidate != avoided) {
                    return candidate;
                }
                last = candidate;
            }
        }
        return last;
    }

    /// Uses this one endpoint for all.
    void use(Endpoint only) {
        endpoints = List.of(only);
    }

    @Nullable
    Endpoint named(String text) {
        for (var endpoint : endpoints) {
            if (endpoint.address().text().equals(text)) {
                return endpoint;
            }
        }
        return null;
    }

    boolean anyReady() {
        return endpoints.stream().anyMatch(Endpoint::ready);
    }

    /// Runs `task` once when some endpoint has become connected, or the balancer is closed; soon if `now` says
    /// that there is nothing to wait for.
    void whenReady(Runnable task, BooleanSupplier now) {
        waiting.add(task);
        // Asked only now, when nothing that happens from here on can be missed.
        if ((closed || now.getAsBoolean()) && waiting.remove(task)) {
            executor.execute(task);
        }
    }

    void forget(Runnable task) {
        waiting.remove(task);
    }

    void wake() {
        for (var task = waiting.poll(); task != null; task = waiting.poll()) {
            executor.execute(task);
        }
    }

    boolean closed() {
        return closed;
    }

    void close() {
        updating.lock();
        try {
            closed = true;
            endpoints.forEach(Endpoint::close);
            retired.forEach(Endpoint::close);
        } finally {
            updating.unlock();
        }
        wake();
    }
}
