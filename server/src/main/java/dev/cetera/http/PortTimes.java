package dev.cetera.http;

/// How long a connection may take. Immutable.
///
/// @param firstBytesMillis to show which protocol it speaks
/// @param requestMillis    to bring an HTTP request whole, and between two of them
public record PortTimes(long firstBytesMillis, long requestMillis) {
    public static final PortTimes DEFAULT = new PortTimes(10_000, 60_000);
}
