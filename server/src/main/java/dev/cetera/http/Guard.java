package dev.cetera.http;

import dev.cetera.tls.ServerTls;
import org.jspecify.annotations.Nullable;

/// In which ways connections may come in at an address: in the clear, by TLS, or either as their first byte
/// says. Immutable.
///
/// @param tls null where there is none
public record Guard(@Nullable ServerTls tls, Clear clear) {
    /// What becomes of connections without TLS.
    public enum Clear {
        SERVED,
        REFUSED
    }

    /// In the clear only.
    public static final Guard NONE = new Guard(null, Clear.SERVED);

    /// Whoever may come in by one of the two.
    public Guard and(Guard other) {
        return new Guard(
                tls != null ? tls : other.tls,
                clear == Clear.SERVED || other.clear == Clear.SERVED ? Clear.SERVED : Clear.REFUSED);
    }
}
