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
import dev.cetera.client.WatchOption;
import java.util.Optional;
import java.util.UUID;

/// A queue of values: first in, first out, each to one taker. A taker whose answer is lost
/// ([dev.cetera.client.EtcdException.Fate#UNKNOWN]) may have taken what nobody gets any more.
public final class DistributedQueue {
    private final Client client;
    private final Key prefix;

    public DistributedQueue(Client client, String name) {
        this.client = client;
        this.prefix = Key.of(name).plus("/");
    }

    public void enqueue(Value value) {
        var key = prefix.plus(UUID.randomUUID().toString());
        client.kv().commit(Txn.when(Compare.missing(key)).then(Op.put(key, value)));
    }

    /// Waits for a value.
    public Value dequeue() {
        return take(client, KeyRange.prefix(prefix), GetOption.firstBy(SortTarget.CREATE_REVISION));
    }

    /// Takes a value if there is one.
    public Optional<Value> poll() {
        return poll(client, KeyRange.prefix(prefix), GetOption.firstBy(SortTarget.CREATE_REVISION))
                .value();
    }

    /// What was taken, or the revision at which there was nothing.
    record Taken(Optional<Value> value, long revision) {}

    static Value take(Client client, KeyRange keys, GetOption first) {
        while (true) {
            var taken = poll(client, keys, first);
            if (taken.value().isPresent()) {
                return taken.value().get();
            }
            Deletions.awaitChange(client, keys, taken.revision() + 1, WatchOption.Events.PUTS);
        }
    }

    static Taken poll(Client client, KeyRange keys, GetOption first) {
        while (true) {
            var found = client.kv().get(keys, first);
            if (found.first().isEmpty()) {
                return new Taken(Optional.empty(), found.header().revision());
            }
            var item = found.first().get();
            var mine = client.kv()
                    .commit(Txn.when(Compare.modRevision(item.key()).equalTo(item.modRevision()))
                            .then(Op.delete(item.key())));
            if (mine.succeeded()) {
                return new Taken(Optional.of(item.value()), mine.header().revision());
            }
        }
    }
}
