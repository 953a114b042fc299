package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A branch or leaf page in the file, with the overflow pages that belong to it, or one that lies inline in a
/// value. Every offset read from it is checked against its end. Shared: immutable.
///
/// ```
/// id u64 | flags u16 | count u16 | overflow u32 | count x element of 16 bytes | keys and values
/// leaf element:   flags u32 | pos u32 | ksize u32 | vsize u32      key, then value, pos bytes from the element
/// branch element: pos u32 | ksize u32 | child u64
/// ```
final class Page implements Elements {
    static final short BRANCH = 0x01;
    static final short LEAF = 0x02;
    static final short META = 0x04;
    static final short FREELIST = 0x10;

    static final int HEADER = 16;
    static final int ELEMENT = 16;

    /// Flag of a leaf element whose value is a bucket.
    static final int BUCKET_FLAG = 1;

    /// Bytes of the bucket header before an inline page: root page, zero when inline, and sequence.
    static final int BUCKET_HEADER = 16;

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Eight key bytes as a number that orders as they do.
    private static final ValueLayout.OfLong KEY_LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final VarHandle ARRAY_KEY_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final Pages pages;
    private final MemorySegment map;
    private final long offset;
    private final long bytes;
    private final boolean leaf;
    private final Place place;
    private final int count;

    /// Where a page lies.
    enum Place {
        FILE,
        /// In the value of a bucket; it has no buckets itself.
        INLINE
    }

    /// @param offset where its header begins in the mapping
    /// @param bytes its length with all overflow pages, at least a header
    Page(Pages pages, MemorySegment map, long offset, long bytes, boolean leaf, Place place)
            throws CorruptionException {
        this.pages = pages;
        this.map = map;
        this.offset = offset;
        this.bytes = bytes;
        this.leaf = leaf;
        this.place = place;
        this.count = map.get(SHORT, offset + 10) & 0xffff;
        if (HEADER + (long) count * ELEMENT > bytes) {
            throw pages.corrupt(offset, count + " elements do not fit in the page");
        }
        if (count == 0 && !leaf) {
            throw pages.corrupt(offset, "a branch page without elements");
        }
    }

    static String typeName(int flags) {
        return switch (flags) {
            case BRANCH -> "branch";
            case LEAF -> "leaf";
            case META -> "meta";
            case FREELIST -> "freelist";
            default -> "unknown<%02x>".formatted(flags);
        };
    }

    /// The page's number as its header says it; zero for an inline one.
    long number() {
        return map.get(LONG, offset);
    }

    /// Pages it fills.
    int run() {
        return Math.toIntExact(bytes / pages.pageSize());
    }

    @Override
    public boolean isLeaf() {
        return leaf;
    }

    @Override
    public int count() {
        return count;
    }

    private long element(int i) {
        return offset + HEADER + (long) i * ELEMENT;
    }

    private int keyLength(int i) {
        return map.get(INT, element(i) + (leaf ? 8 : 4));
    }

    private int valueLength(int i) {
        return map.get(INT, element(i) + 12);
    }

    /// Where the i-th key begins in the mapping, after a check that key and value lie within the page.
    private long keyOffset(int i) throws CorruptionException {
        long element = element(i);
        long pos = map.get(INT, element + (leaf ? 4 : 0)) & 0xffffffffL;
        long length = keyLength(i) & 0xffffffffL;
        if (leaf) {
            length += valueLength(i) & 0xffffffffL;
        }
        if (element + pos + length > offset + bytes || keyLength(i) < 0 || (leaf && valueLength(i) < 0)) {
            throw pages.corrupt(element, "element " + i + " reaches beyond its page");
        }
        return element + pos;
    }

    /// Where the content of the elements begins, for [#contentEnd] of the first one.
    long contentBegin() {
        return element(count);
    }

    /// Where the i-th element's key and value end. Elements lie behind each other: if they could share bytes,
    /// a small file could hold more than all memory.
    ///
    /// @param previous the same of the element before
    long contentEnd(int i, long previous) throws CorruptionException {
        long from = keyOffset(i);
        if (from < previous) {
            throw pages.corrupt(element(i), "element " + i + " lies over the one before");
        }
        return from + keyLength(i) + (leaf ? valueLength(i) : 0);
    }

    private byte[] copy(long from, int length) {
        var copy = new byte[length];
        MemorySegment.copy(map, ValueLayout.JAVA_BYTE, from, copy, 0, length);
        return copy;
    }

    @Override
    public byte[] key(int i) throws CorruptionException {
        return copy(keyOffset(i), keyLength(i));
    }

    @Override
    public byte[] value(int i) throws CorruptionException {
        return copy(keyOffset(i) + keyLength(i), valueLength(i));
    }

    @Override
    public boolean isBucket(int i) {
        return leaf && (map.get(INT, element(i)) & BUCKET_FLAG) != 0;
    }

    /// The page number a branch element points to.
    long child(int i) {
        return map.get(LONG, element(i) + 8);
    }

    @Override
    public Elements child(int i, Pages from) throws CorruptionException {
        return from.page(child(i));
    }

    /// The page at which the bucket in the i-th value begins.
    Page bucket(int i) throws CorruptionException {
        long header = keyOffset(i) + keyLength(i);
        int length = valueLength(i);
        if (place == Place.INLINE) {
            throw pages.corrupt(header, "a bucket in an inline bucket");
        }
        if (length < BUCKET_HEADER) {
            throw pages.corrupt(header, "a bucket header of " + length + " bytes");
        }
        long root = map.get(LONG, header);
        if (root != 0) {
            return pages.page(root);
        }
        long inline = header + BUCKET_HEADER;
        if (length < BUCKET_HEADER + HEADER || (map.get(SHORT, inline + 8) & 0xffff) != LEAF) {
            throw pages.corrupt(header, "an inline bucket without a leaf page");
        }
        return new Page(pages, map, inline, length - BUCKET_HEADER, true, Place.INLINE);
    }

    /// The sequence number in that bucket's header.
    long bucketSequence(int i) throws CorruptionException {
        return map.get(LONG, keyOffset(i) + keyLength(i) + 8);
    }

    @Override
    public int find(byte[] key) throws CorruptionException {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(keyOffset(middle), keyLength(middle), key);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    /// Eight bytes at a time: revision keys are 17 bytes long and mostly alike.
    private int compare(long from, int length, byte[] key) {
        int common = Math.min(length, key.length);
        int i = 0;
        for (; i + Long.BYTES <= common; i += Long.BYTES) {
            long ours = map.get(KEY_LONG, from + i);
            long theirs = (long) ARRAY_KEY_LONG.get(key, i);
            if (ours != theirs) {
                return Long.compareUnsigned(ours, theirs);
            }
        }
        for (; i < common; i++) {
            int order = (map.get(ValueLayout.JAVA_BYTE, from + i) & 0xff) - (key[i] & 0xff);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(length, key.length);
    }
}
