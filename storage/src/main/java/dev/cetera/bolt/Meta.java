package dev.cetera.bolt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What a meta page says: where the tree of buckets begins, and how much of the file it concerns. Immutable.
///
/// ```
/// page header 16 | magic u32 | version u32 | page size u32 | flags u32 | root u64 | sequence u64
///                | freelist u64 | high-water mark u64 | txid u64 | FNV-1a of the 56 bytes before it u64
/// ```
///
/// @param freelist page of the list of free pages, or [#NO_FREELIST]
/// @param highWater first page never used
record Meta(int pageSize, long root, long sequence, long freelist, long highWater, long txid) {
    static final long NO_FREELIST = -1;

    /// Bytes of page header and meta together.
    static final int END = 80;

    private static final int MAGIC = 0xED0CDAED;
    private static final int VERSION = 2;
    private static final int BODY = 16;
    private static final int CHECKSUM = 72;

    /// A meta page that was read: the meta, or what is wrong with it.
    sealed interface Decoded {
        record Valid(Meta meta) implements Decoded {}

        record Invalid(String reason) implements Decoded {}
    }

    /// Reads a meta page that begins at `at`; the buffer need not hold more than the page.
    static Decoded decode(ByteBuffer bytes, int at) {
        var page = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (page.limit() < at + END || page.getInt(at + BODY) != MAGIC) {
            return new Decoded.Invalid("invalid database");
        }
        if (page.getInt(at + 20) != VERSION) {
            return new Decoded.Invalid("version mismatch");
        }
        if (page.getLong(at + CHECKSUM) != checksum(page, at)) {
            return new Decoded.Invalid("checksum error");
        }
        int pageSize = page.getInt(at + 24);
        if (pageSize < 1024 || pageSize > 1 << 24 || Integer.bitCount(pageSize) != 1) {
            return new Decoded.Invalid("page size " + Integer.toUnsignedString(pageSize) + " makes no sense");
        }
        return new Decoded.Valid(new Meta(
                pageSize,
                page.getLong(at + 32),
                page.getLong(at + 40),
                page.getLong(at + 48),
                page.getLong(at + 56),
                page.getLong(at + 64)));
    }

    /// Writes the whole page of that number at the start of `into`.
    void encode(ByteBuffer into, long pageNumber) {
        var page = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        page.putLong(0, pageNumber)
                .putShort(8, Page.META)
                .putShort(10, (short) 0)
                .putInt(12, 0)
                .putInt(16, MAGIC)
                .putInt(20, VERSION)
                .putInt(24, pageSize)
                .putInt(28, 0)
                .putLong(32, root)
                .putLong(40, sequence)
                .putLong(48, freelist)
                .putLong(56, highWater)
                .putLong(64, txid);
        page.putLong(CHECKSUM, checksum(page, 0));
        for (int i = END; i < pageSize; i++) {
            page.put(i, (byte) 0);
        }
    }

    /// Bytes up to the high-water mark.
    long bytes() {
        return highWater * pageSize;
    }

    Meta withTxid(long newTxid) {
        return new Meta(pageSize, root, sequence, freelist, highWater, newTxid);
    }

    private static long checksum(ByteBuffer page, int at) {
        long hash = 0xcbf29ce484222325L;
        for (int i = at + BODY; i < at + CHECKSUM; i++) {
            hash = (hash ^ (page.get(i) & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
