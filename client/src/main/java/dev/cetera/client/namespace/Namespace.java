package dev.cetera.client.namespace;

import dev.cetera.client.EtcdException;
import dev.cetera.client.KV;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Lease;
import dev.cetera.client.Watch;
import dev.cetera.client.WatchBatch;
import dev.cetera.client.WatchEvent;
import dev.cetera.client.WatchListener;
import dev.cetera.client.WatchOption;
import dev.cetera.client.Watching;

/// The keys with a prefix, under names without it. Nothing outside can be reached, whatever is asked for.
public final class Namespace {
    private final Key prefix;

    public Namespace(String prefix) {
        this(Key.of(prefix));
    }

    public Namespace(Key prefix) {
        if (prefix.isEmpty()) {
            throw new IllegalArgumentException("a namespace without a prefix");
        }
        this.prefix = prefix;
    }

    public KV kv(KV all) {
        return KV.over(new NamespaceKV(all.async(), this));
    }

    /// Watches by callback, under names without the prefix.
    public Watching listen(Watch all, KeyRange keys, WatchOption option, WatchListener listener) {
        return all.listen(outer(keys), option, new WatchListener() {
            @Override
            public void onBatch(WatchBatch batch) {
                listener.onBatch(inner(batch));
            }

            @Override
            public void onEnd(EtcdException why) {
                listener.onEnd(why);
            }
        });
    }

    /// What is left of a lease; of its keys only those in here are named.
    public Lease.TimeToLiveResponse timeToLive(Lease all, long id, Lease.Keys keys) {
        var answer = all.timeToLive(id, keys);
        var own = answer.keys().stream()
                .filter(key -> key.startsWith(prefix))
                .map(this::inner)
                .toList();
        return new Lease.TimeToLiveResponse(answer.header(), answer.id(), answer.ttl(), answer.grantedTtl(), own);
    }

    /// What a key in here is called outside.
    public Key outer(Key key) {
        return prefix.plus(key);
    }

    /// The same of a range; the end of one without an end is where the prefix ends.
    public KeyRange outer(KeyRange keys) {
        if (keys.isSingle()) {
            return KeyRange.of(outer(keys.key()));
        }
        // A range of everything begins at the single byte 0; here at the prefix itself.
        var first = keys.equals(KeyRange.all()) ? prefix : outer(keys.key());
        return KeyRange.between(first, keys.isOpen() ? prefix.prefixEnd() : outer(keys.end()));
    }

    /// What a key that begins with the prefix is called in here.
    public Key inner(Key key) {
        return key.without(prefix.length());
    }

    KeyValue inner(KeyValue kv) {
        return new KeyValue(
                inner(kv.key()), kv.value(), kv.createRevision(), kv.modRevision(), kv.version(), kv.lease());
    }

    WatchBatch inner(WatchBatch batch) {
        return new WatchBatch(
                batch.header(),
                batch.events().stream()
                        .map(event -> new WatchEvent(
                                event.kind(),
                                inner(event.kv()),
                                event.previous().map(this::inner)))
                        .toList());
    }
}
