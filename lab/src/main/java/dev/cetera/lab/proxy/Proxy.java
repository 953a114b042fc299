package dev.cetera.lab.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// Stands in front of one port of a server. A server that is down shows as connections that are reset at once.
///
/// Shared: has a thread of its own that takes connections; see [Network] for what happens to them.
public final class Proxy implements AutoCloseable {
    private final Network network;
    private final String from;
    private final String to;
    private final ServerSocket entrance;
    private final int port;

    Proxy(Network network, String from, String to, ServerSocket entrance, int port) {
        this.network = network;
        this.from = from;
        this.to = to;
        this.entrance = entrance;
        this.port = port;
    }

    /// Where to connect to.
    public int entrance() {
        return entrance.getLocalPort();
    }

    void open() {
        Thread.ofVirtual().name("proxy of " + to).start(this::serve);
    }

    private void serve() {
        while (!entrance.isClosed()) {
            Socket caller;
            try {
                caller = entrance.accept();
            } catch (IOException closed) {
                return;
            }
            Thread.ofVirtual().name("line to " + to).start(() -> connect(caller));
        }
    }

    private void connect(Socket caller) {
        if (network.now(from, to).passage() == Conditions.Passage.REFUSED) {
            Line.reset(caller);
            return;
        }
        try {
            caller.setTcpNoDelay(true);
            var callee = new Socket(InetAddress.getLoopbackAddress(), port);
            callee.setTcpNoDelay(true);
            new Line(network, from, to, caller, callee).begin();
        } catch (IOException nobodyThere) {
            Line.reset(caller);
        }
    }

    /// Takes no more connections; those that there are go on.
    @Override
    public void close() throws IOException {
        entrance.close();
    }
}
