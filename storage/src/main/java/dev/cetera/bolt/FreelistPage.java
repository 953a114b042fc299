package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/// The list of free pages as it lies in the file.
///
/// ```
/// page header 16, count in it | count x page u64, rising          up to 65534 pages
/// page header 16, count ffff  | real count u64 | pages u64 ...    more
/// ```
final class FreelistPage {
    private static final int OVERFLOW = 0xffff;

    private FreelistPage() {}

    /// The number of a page that is the first of a list.
    static long require(Pages pages, long number) throws CorruptionException {
        long offset = pages.offset(number);
        int flags = pages.map().get(Page.SHORT, offset + 8) & 0xffff;
        if (flags != Page.FREELIST) {
            throw pages.corrupt(offset, "page " + number + " is no freelist but " + Page.typeName(flags));
        }
        return number;
    }

    /// The page numbers in the list at that page, in its order.
    static long[] read(Pages pages, long number) throws CorruptionException {
        long offset = pages.offset(require(pages, number));
        long bytes = pages.runBytes(number);
        long count = pages.map().get(Page.SHORT, offset + 10) & 0xffff;
        long at = offset + Page.HEADER;
        if (count == OVERFLOW) {
            count = pages.map().get(Page.LONG, at);
            at += Long.BYTES;
        }
        if (count < 0 || count > (offset + bytes - at) / Long.BYTES) {
            throw pages.corrupt(offset, "a freelist of " + count + " pages in " + bytes + " bytes");
        }
        var list = new long[Math.toIntExact(count)];
        for (int i = 0; i < list.length; i++) {
            list[i] = pages.map().get(Page.LONG, at + (long) i * Long.BYTES);
        }
        return list;
    }

    /// Pages that a list of so many needs.
    static int pagesFor(long count, int pageSize) {
        long slots = count < OVERFLOW ? count : count + 1;
        return Math.toIntExact((Page.HEADER + slots * Long.BYTES) / pageSize + 1);
    }

    /// Writes header and list at the position of `into`, which is little endian.
    static void encode(ByteBuffer into, long number, int run, BitSet list) {
        int count = list.cardinality();
        into.putLong(number)
                .putShort(Page.FREELIST)
                .putShort((short) Math.min(count, OVERFLOW))
                .putInt(run - 1);
        if (count >= OVERFLOW) {
            into.putLong(count);
        }
        for (int page = list.nextSetBit(0); page >= 0; page = list.nextSetBit(page + 1)) {
            into.putLong(page);
        }
    }
}
