package dev.cetera.client.transport;

/// When a request that failed may be sent again.
public enum Repeat {
    /// Whenever the member or the way to it was not available: doing it twice is as good as once.
    ALWAYS,
    /// Only if it surely has not left this process: it might be done twice.
    IF_NOT_SENT
}
