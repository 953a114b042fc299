package dev.cetera.disk;

import java.io.IOException;
import java.nio.file.Path;

/// Another process, or another part of this one, has the file open for itself.
public final class LockedException extends IOException {
    private static final long serialVersionUID = 1;

    public LockedException(Path file) {
        super("file is locked by another user: " + file);
    }
}
