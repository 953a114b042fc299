package dev.cetera.client.mirror;

import dev.cetera.client.Client;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetResponse;
import dev.cetera.client.KeyRange;
import dev.cetera.client.WatchIterator;
import dev.cetera.client.WatchOption;
import java.util.function.Consumer;

/// Copies a range: first [#base], then [#changes]. Together they miss nothing and tell nothing twice.
public final class Mirror {
    private static final int PAGE = 1000;

    private final Client client;
    private final KeyRange keys;
    private final long revision;

    private Mirror(Client client, KeyRange keys, long revision) {
        this.client = client;
        this.keys = keys;
        this.revision = revision;
    }

    /// As of now.
    public static Mirror of(Client client, KeyRange keys) {
        var now = client.kv().get(KeyRange.of("foo"), GetOption.DEFAULTS.withCountOnly());
        return at(client, keys, now.header().revision());
    }

    /// As of a revision; for going on where an earlier mirror stopped.
    public static Mirror at(Client client, KeyRange keys, long revision) {
        return new Mirror(client, keys, revision);
    }

    public long revision() {
        return revision;
    }

    /// All keys as they were at the revision, in their order, some at a time.
    public void base(Consumer<GetResponse> pages) {
        var from = keys;
        while (true) {
            var page = client.kv()
                    .get(from, GetOption.DEFAULTS.withRevision(revision).withLimit(PAGE));
            pages.accept(page);
            if (!page.more() || page.kvs().isEmpty()) {
                return;
            }
            var last = page.kvs().get(page.kvs().size() - 1).key();
            from = KeyRange.between(last.next(), keys.end());
        }
    }

    /// All that came after the revision.
    public WatchIterator changes() {
        return client.watch().open(keys, WatchOption.DEFAULTS.withStartRevision(revision + 1));
    }
}
