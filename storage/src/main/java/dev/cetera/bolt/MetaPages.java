package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Finds the newer sound one of a file's two meta pages.
final class MetaPages {
    /// Page sizes at which the second meta page is looked for when the first, which would say, is broken.
    private static final int SMALLEST_PAGE = 1024;

    private static final int PAGE_SIZES = 15;

    private MetaPages() {}

    /// @throws CorruptionException when neither is sound, with what is wrong with the first
    static Meta read(DiskFile file) throws IOException {
        if (file.size() < 2L * SMALLEST_PAGE) {
            throw new CorruptionException(file.path(), -1, "file size too small");
        }
        return switch (readAt(file, 0)) {
            case Meta.Decoded.Valid(var first) -> newer(first, readAt(file, first.pageSize()));
            case Meta.Decoded.Invalid(var reason) -> {
                var second = second(file);
                if (second == null) {
                    throw new CorruptionException(file.path(), 0, reason);
                }
                yield second;
            }
        };
    }

    private static Meta newer(Meta first, Meta.Decoded other) {
        return other instanceof Meta.Decoded.Valid(var second) && second.txid() > first.txid() ? second : first;
    }

    private static @Nullable Meta second(DiskFile file) throws IOException {
        for (int i = 0; i < PAGE_SIZES; i++) {
            int pageSize = SMALLEST_PAGE << i;
            if (readAt(file, pageSize) instanceof Meta.Decoded.Valid(var meta) && meta.pageSize() == pageSize) {
                return meta;
            }
        }
        return null;
    }

    private static Meta.Decoded readAt(DiskFile file, long position) throws IOException {
        var bytes = ByteBuffer.allocate(Meta.END);
        file.read(bytes, position);
        return Meta.decode(bytes.flip(), 0);
    }
}
