package dev.cetera.lab.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Free ports of the loopback address that stay free while the server that owns them is down.
///
/// The kernel's own choice won't do for that: it comes from the range that outgoing connections take theirs
/// from. Members dial one that is down ten times a second, so that sooner or later one of them would hold its
/// port, or even be connected to itself.
final class Ports {
    /// Below the ephemeral ports of Linux (32768) and of IANA (49152).
    private static final int FIRST = 12_000;

    private static final int END = 32_000;

    private static final int ATTEMPTS = 1000;

    private static final int BACKLOG = 64;

    private Ports() {}

    /// Holds a port until the caller closes it, right before the server wants it; or takes connections itself.
    static ServerSocket hold() throws IOException {
        IOException last = new IOException("no free port");
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try {
                return new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
            } catch (IOException taken) {
                last = taken;
            }
        }
        throw last;
    }
}
