package dev.cetera.client.concurrency;

import dev.cetera.client.Client;
import dev.cetera.client.CompactedException;
import dev.cetera.client.KeyRange;
import dev.cetera.client.WatchOption;

/// Waits for keys to go, or to come.
final class Deletions {
    private Deletions() {}

    /// Returns when there is no key in `keys` any more.
    static void awaitNone(Client client, KeyRange keys) {
        while (true) {
            var now = client.kv().get(keys);
            if (now.count() == 0) {
                return;
            }
            awaitChange(client, keys, now.header().revision() + 1, WatchOption.Events.DELETES);
        }
    }

    /// Returns when something in `keys` has changed at `from` or later, or may have: the history may be gone.
    static void awaitChange(Client client, KeyRange keys, long from, WatchOption.Events kind) {
        var option = WatchOption.DEFAULTS.withStartRevision(from).withOnly(kind).requiringLeader();
        try (var events = client.watch().open(keys, option)) {
            events.next();
        } catch (CompactedException e) {
            return; // whoever waits looks for himself
        }
    }
}
