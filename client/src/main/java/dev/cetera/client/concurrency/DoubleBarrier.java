package dev.cetera.client.concurrency;

import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.GetOption;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import dev.cetera.client.WatchOption;
import org.jspecify.annotations.Nullable;

/// Some number of processes begin something together, and leave it together. Used once. For one thread.
public final class DoubleBarrier {
    private final Session session;
    private final Key name;
    private final Key waiters;
    private final Key ready;
    private final int count;
    private @Nullable Place place;

    /// @param count how many there must be
    public DoubleBarrier(Session session, String name, int count) {
        this.session = session;
        this.name = Key.of(name);
        this.waiters = this.name.plus("/waiters/");
        this.ready = this.name.plus("/ready");
        this.count = count;
    }

    /// Returns when all have come.
    public void enter() {
        var mine = Place.take(Patience.of(session), waiters, Value.EMPTY);
        place = mine;
        Client client = session.client();
        var present = client.kv().get(KeyRange.prefix(waiters), GetOption.DEFAULTS.withCountOnly());
        if (present.count() >= count) {
            client.kv().commit(Txn.when(Compare.missing(ready)).then(Op.put(ready, Value.EMPTY)));
            return;
        }
        for (var seen = client.kv().get(ready);
                seen.kvs().isEmpty();
                seen = client.kv().get(ready)) {
            Deletions.awaitChange(client, KeyRange.of(ready), seen.header().revision() + 1, WatchOption.Events.PUTS);
        }
    }

    /// Returns when all have left.
    public void leave() {
        var mine = place;
        if (mine == null) {
            throw new IllegalStateException("left without having entered");
        }
        mine.leave();
        place = null;
        Deletions.awaitNone(session.client(), KeyRange.prefix(waiters));
        session.client().kv().delete(ready);
    }
}
