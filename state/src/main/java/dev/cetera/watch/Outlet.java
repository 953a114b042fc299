package dev.cetera.watch;

/// The client's end of one stream, as the hub sees it. Called by the hub's thread only.
public interface Outlet {
    /// Whether the transport has room. Once this has answered false, [Hub#ready] is called when there is room
    /// again.
    boolean ready();

    /// Hands one response over; allowed at any time, but beyond [#ready] only what belongs together is sent.
    void send(Response response);

    /// The last request has been answered; the stream may hand in its next one.
    void nextRequest();
}
