package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;

/// Ends of ranges of keys.
public final class Ranges {
    /// As an end none at all, as a key the first there can be.
    public static final ByteString NO_END = ByteString.copyFrom(new byte[1]);

    private Ranges() {}

    /// The end of the range of all keys that begin with `prefix`.
    public static ByteString prefixEnd(ByteString prefix) {
        for (int i = prefix.size() - 1; i >= 0; i--) {
            if (prefix.byteAt(i) != (byte) 0xff) {
                var end = prefix.substring(0, i + 1).toByteArray();
                end[i]++;
                return ByteString.copyFrom(end);
            }
        }
        return NO_END;
    }
}
