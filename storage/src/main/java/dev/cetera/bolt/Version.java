package dev.cetera.bolt;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// One commit as readers see it. Alive while it is the newest or a transaction uses it. Shared: counted by an
/// atomic.
final class Version {
    private final Meta meta;
    private final Pages pages;
    private final Mapping mapping;
    private final AtomicInteger users = new AtomicInteger(1);

    /// Takes over one use of the mapping; has one user itself.
    Version(Path path, Meta meta, Mapping mapping) {
        this.meta = meta;
        this.pages = new Pages(path, mapping.segment(), meta.pageSize(), meta.highWater());
        this.mapping = mapping;
    }

    Meta meta() {
        return meta;
    }

    Pages pages() {
        return pages;
    }

    Mapping mapping() {
        return mapping;
    }

    /// Adds a user; false when the last one has gone, and then it is too late.
    boolean retain() {
        while (true) {
            int now = users.get();
            if (now == 0) {
                return false;
            }
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    void release() {
        int left = users.decrementAndGet();
        if (left == 0) {
            mapping.release();
        } else if (left < 0) {
            throw new IllegalStateException("closed twice");
        }
    }

    boolean isAlive() {
        return users.get() > 0;
    }
}
