package dev.cetera.lab.proxy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/// One connection through a [Proxy]: two sockets, and a [Way] for each direction between them.
///
/// Shared: its ways run in threads of their own, and anybody may end it.
final class Line {
    private final Network network;
    private final Socket caller;
    private final Socket callee;
    private final Way there;
    private final Way back;
    private volatile boolean ended;
    private final String from;
    private final String to;
    /// What the caller has said that it is.
    private volatile @Nullable String identity;

    Line(Network network, String from, String to, Socket caller, Socket callee) {
        this.network = network;
        this.from = from;
        this.to = to;
        this.caller = caller;
        this.callee = callee;
        this.there = new Way(network, this, caller, callee, Way.Direction.REQUESTS);
        this.back = new Way(network, this, callee, caller, Way.Direction.RESPONSES);
    }

    void begin() {
        network.begun(this);
        there.begin();
        back.begin();
    }

    /// Who made the connection, as far as is known.
    String from() {
        String said = identity;
        return said == null ? from : network.nameOf(said);
    }

    String to() {
        return to;
    }

    boolean isBetween(String one, String other) {
        return (from().equals(one) && to.equals(other)) || (from().equals(other) && to.equals(one));
    }

    /// The caller has said who it is.
    void isFrom(String said) {
        identity = said;
        if (refused()) {
            reset();
        }
    }

    private boolean refused() {
        return network.now(from(), to).passage() == Conditions.Passage.REFUSED
                || network.now(to, from()).passage() == Conditions.Passage.REFUSED;
    }

    boolean ended() {
        return ended;
    }

    /// A way has come to its end, and everything on it has arrived.
    void wayEnded() {
        if (there.ended() && back.ended()) {
            end();
        }
    }

    /// Both sides are told by a reset.
    void reset() {
        linger(caller);
        linger(callee);
        end();
    }

    private void end() {
        ended = true;
        close(caller);
        close(callee);
        network.ended(this);
        there.interrupt();
        back.interrupt();
    }

    static void reset(Socket socket) {
        linger(socket);
        close(socket);
    }

    /// Closing will discard what is not sent, and say so by a reset.
    private static void linger(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException closed) {
            // The other thread was faster: it is as it should be.
            assert socket.isClosed() : closed;
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket that can't be closed", e);
        }
    }
}
