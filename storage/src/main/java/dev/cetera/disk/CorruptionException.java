package dev.cetera.disk;

import java.io.IOException;
import java.nio.file.Path;

/// A file does not hold what it must. The member stops; a person has to look.
public final class CorruptionException extends IOException {
    private static final long serialVersionUID = 1;

    /// @param offset where in the file, in bytes; negative when it is about the file as a whole
    public CorruptionException(Path file, long offset, String what) {
        super(what + " (" + file + (offset < 0 ? "" : " at offset " + offset) + ")");
    }
}
