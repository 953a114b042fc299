package dev.cetera.http;

/// How long a connection may take. Immutable.
///
/// @param firstBytesMillis to show which protocol it speaks
/// @param requestMillis    to bring an HTTP request whole, and between two of them
/// @param readMillis       to read anything at all of a long answer
public record PortTimes(long firstBytesMillis, long requestMillis, long readMillis) {
    public static final PortTimes DEFAULT = new PortTimes(10_000, 60_000, 60_000);
}
