package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// The pages of one commit in a mapping of the file. Nothing is taken on trust: a page is handed out only when
/// all of it lies below the high-water mark and its header is sound. Shared: immutable.
///
/// @param highWater first page that does not belong to the commit; the mapping reaches at least that far
record Pages(Path file, MemorySegment map, int pageSize, long highWater) {
    /// The two meta pages come first.
    static final long FIRST = 2;

    /// The branch or leaf page of that number.
    Page page(long number) throws CorruptionException {
        long offset = offset(number);
        int flags = map.get(Page.SHORT, offset + 8) & 0xffff;
        if (flags != Page.BRANCH && flags != Page.LEAF) {
            throw corrupt(offset, "page " + number + ": invalid type: " + Page.typeName(flags));
        }
        return new Page(this, map, offset, runBytes(number), flags == Page.LEAF, Page.Place.FILE);
    }

    /// Bytes of the page and those it owns beyond its own.
    long runBytes(long number) throws CorruptionException {
        long offset = offset(number);
        if (map.get(Page.LONG, offset) != number) {
            throw corrupt(offset, "page " + number + " says that it is page " + map.get(Page.LONG, offset));
        }
        long overflow = map.get(Page.INT, offset + 12) & 0xffffffffL;
        if (overflow >= highWater - number) {
            throw corrupt(offset, "page " + number + ": " + overflow + " overflow pages reach beyond " + highWater);
        }
        return (overflow + 1) * pageSize;
    }

    long offset(long number) throws CorruptionException {
        if (number < FIRST || number >= highWater) {
            throw corrupt(-1, "page " + Long.toUnsignedString(number) + ": out of bounds: " + highWater);
        }
        return number * pageSize;
    }

    void checkDepth(int depth) throws CorruptionException {
        if (depth >= Elements.MAX_DEPTH) {
            throw corrupt(-1, "branch pages lead in a circle");
        }
    }

    CorruptionException corrupt(long offset, String what) {
        return new CorruptionException(file, offset, what);
    }
}
