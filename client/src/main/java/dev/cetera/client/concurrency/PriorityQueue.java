package dev.cetera.client.concurrency;

import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetOption.SortTarget;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import java.util.Optional;

/// A queue of values that come out by priority, the lowest number first; those of one priority in the order in
/// which they went in.
public final class PriorityQueue {
    private static final int MAX_PRIORITY = 65535;

    private final Client client;
    private final Key prefix;

    public PriorityQueue(Client client, String name) {
        this.client = client;
        this.prefix = Key.of(name).plus("/");
    }

    /// Puts a value in.
    ///
    /// @param priority from 0, which comes first, to 65535
    public void enqueue(Value value, int priority) {
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("a priority of " + priority);
        }
        var own = prefix.plus("%05d/".formatted(priority));
        while (true) {
            var last = client.kv().get(KeyRange.prefix(own), GetOption.lastBy(SortTarget.KEY));
            long number = last.first()
                    .map(kv -> Long.parseLong(kv.key().without(own.length()).string()) + 1)
                    .orElse(0L);
            var key = own.plus("%016d".formatted(number));
            if (client.kv()
                    .commit(Txn.when(Compare.missing(key)).then(Op.put(key, value)))
                    .succeeded()) {
                return;
            }
        }
    }

    /// Waits for a value.
    public Value dequeue() {
        return DistributedQueue.take(client, KeyRange.prefix(prefix), GetOption.firstBy(SortTarget.KEY));
    }

    /// Takes a value if there is one.
    public Optional<Value> poll() {
        return DistributedQueue.poll(client, KeyRange.prefix(prefix), GetOption.firstBy(SortTarget.KEY))
                .value();
    }
}
