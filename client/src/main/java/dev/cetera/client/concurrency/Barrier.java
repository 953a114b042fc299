package dev.cetera.client.concurrency;

import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;

/// Holds up all who wait until somebody lets them go. It is a key without a lease: it stays, whatever becomes
/// of who made it.
public final class Barrier {
    private final Client client;
    private final Key key;

    public Barrier(Client client, String name) {
        this.client = client;
        this.key = Key.of(name);
    }

    /// Closes it; false if it was closed already.
    public boolean hold() {
        return client.kv()
                .commit(Txn.when(Compare.missing(key)).then(Op.put(key, Value.EMPTY)))
                .succeeded();
    }

    /// Opens it.
    public void release() {
        client.kv().delete(key);
    }

    /// Returns when it is open.
    public void await() {
        Deletions.awaitNone(client, KeyRange.of(key));
    }
}
