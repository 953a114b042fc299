package dev.cetera.node;

import dev.cetera.mvcc.Listing;
import dev.cetera.schema.KeyValue;
import java.util.List;

/// The store's long answers. Shared: its listing guards itself.
record StoredList(Listing listing, LongWork work) implements LongAnswer {
    @Override
    public long number() {
        return listing.number();
    }

    @Override
    public long bytes() {
        return listing.bytes();
    }

    @Override
    public void next(long bytes, Answer<List<KeyValue>> answer) {
        work.later(answer, () -> answer.done(listing.next(bytes)));
    }

    @Override
    public void all(Answer<List<KeyValue>> answer) {
        work.now(answer, () -> answer.done(listing.next(Long.MAX_VALUE)));
    }

    @Override
    public void close() {
        listing.close();
    }
}
