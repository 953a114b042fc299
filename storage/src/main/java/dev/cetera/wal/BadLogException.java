package dev.cetera.wal;

import dev.cetera.disk.CorruptionException;
import java.nio.file.Path;

/// What is wrong with a log, in etcd's words, and where; the caller decides what that means.
final class BadLogException extends Exception {
    private static final long serialVersionUID = 1;

    private final String what;
    private final transient Path file;
    private final long offset;

    BadLogException(Path file, long offset, String what) {
        super(what, null, false, false);
        this.what = what;
        this.file = file;
        this.offset = offset;
    }

    /// @param form what to say, with `%s` where the reason goes
    CorruptionException corruption(String form) {
        return new CorruptionException(file, offset, form.formatted(what));
    }
}
