package dev.cetera.gateway;

import io.grpc.Metadata;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the headers of a request say about the call.
final class CallHeaders {
    private static final String METADATA = "grpc-metadata-";
    private static final String NAME = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    private static final String TIMEOUT = "Grpc-Timeout";
    private static final String UNITS = "HMSmun";
    private static final long[] UNIT_NANOS = {3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000, 1_000, 1};

    private CallHeaders() {}

    /// Who calls, and what is said with `Grpc-Metadata-`. Beside them only `Accept` goes on, because by it the
    /// services know that a call came this way.
    static Metadata metadata(HttpHeaders headers) {
        var metadata = new Metadata();
        for (var header : headers) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("authorization")) {
                put(metadata, name, header.getValue());
            } else if (name.equals("accept")) {
                put(metadata, "grpcgateway-accept", header.getValue());
            } else if (name.startsWith(METADATA)) {
                put(metadata, name.substring(METADATA.length()), header.getValue());
            }
        }
        return metadata;
    }

    private static void put(Metadata metadata, String name, String value) {
        boolean text = !name.isEmpty()
                && !name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
                && name.chars().allMatch(c -> NAME.indexOf(c) >= 0);
        if (text) {
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        }
    }

    /// Nanoseconds that the call may take, null for as long as it likes.
    static @Nullable Long timeoutNanos(HttpHeaders headers) throws Malformed {
        var text = headers.get(TIMEOUT, "");
        if (text.isEmpty()) {
            return null;
        }
        int unit = text.length() < 2 ? -1 : UNITS.indexOf(text.charAt(text.length() - 1));
        try {
            if (unit >= 0) {
                long count = Long.parseLong(text.substring(0, text.length() - 1));
                long most = Long.MAX_VALUE / UNIT_NANOS[unit];
                long nanos = Math.clamp(count, -most, most) * UNIT_NANOS[unit];
                return nanos == 0 ? null : (Long) nanos;
            }
        } catch (NumberFormatException unreadable) {
            throw new Malformed("invalid grpc-timeout: " + text);
        }
        throw new Malformed("invalid grpc-timeout: " + text);
    }
}
