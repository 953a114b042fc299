package dev.cetera.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A point in the history of the store: `main` counts transactions, `sub` the changes within one, from 0.
///
/// As a key of [Bucket#KEY]:
/// ```
/// 8 bytes big-endian main | '_' | 8 bytes big-endian sub           17 bytes, a put
/// 8 bytes big-endian main | '_' | 8 bytes big-endian sub | 't'     18 bytes, a tombstone
/// ```
public record Revision(long main, long sub) implements Comparable<Revision> {
    /// Far more changes than a request has room for.
    public static final int MAX_SUB = (1 << 29) - 1;

    /// More than can ever be counted, with room for those that follow.
    private static final int MAIN_BITS = 62;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int PUT_LENGTH = 17;
    private static final int TOMBSTONE_LENGTH = 18;

    /// The key of a put.
    public byte[] key() {
        return putKey(main, sub);
    }

    /// The key of a put at a revision.
    public static byte[] putKey(long main, long sub) {
        return fill(new byte[PUT_LENGTH], main, sub);
    }

    /// The key of a tombstone at a revision.
    public static byte[] tombstoneKey(long main, long sub) {
        var key = fill(new byte[TOMBSTONE_LENGTH], main, sub);
        key[PUT_LENGTH] = 't';
        return key;
    }

    /// Whether these bytes are a revision key of either form, of a revision that can be.
    public static boolean isKey(byte[] key) {
        boolean form = key.length == PUT_LENGTH || (key.length == TOMBSTONE_LENGTH && key[PUT_LENGTH] == 't');
        return form && key[8] == '_' && mainOf(key) >>> MAIN_BITS == 0 && subOf(key) >= 0 && subOf(key) <= MAX_SUB;
    }

    public static Revision of(byte[] key) {
        return new Revision(mainOf(key), subOf(key));
    }

    public static long mainOf(byte[] key) {
        return (long) LONG.get(key, 0);
    }

    public static long subOf(byte[] key) {
        return (long) LONG.get(key, 9);
    }

    public static boolean isTombstone(byte[] key) {
        return key.length == TOMBSTONE_LENGTH;
    }

    @Override
    public int compareTo(Revision other) {
        var byMain = Long.compare(main, other.main);
        return byMain != 0 ? byMain : Long.compare(sub, other.sub);
    }

    private static byte[] fill(byte[] key, long main, long sub) {
        LONG.set(key, 0, main);
        key[8] = '_';
        LONG.set(key, 9, sub);
        return key;
    }
}
