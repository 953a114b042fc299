package dev.cetera.node;

import dev.cetera.cluster.PeerUrls;
import dev.cetera.logs.Log;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Puts the address of a host in the place of its name, so that URLs can be compared that mean the same place.
/// A name that is not known yet (machines that start together) is asked for again, for 30 s in all. Confined
/// to the thread that opens a member.
final class HostNames implements UnaryOperator<String> {
    private static final Log LOG = Log.of("pkg/netutil");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long PAUSE_MILLIS = 1000;

    /// Asks for the address of a name.
    @FunctionalInterface
    interface Lookup {
        InetAddress address(String name) throws UnknownHostException;
    }

    private final Lookup lookup;
    private final Time time;
    private final long deadlineNanos;
    private final Map<String, String> known = new HashMap<>();

    HostNames() {
        this(InetAddress::getByName, Time.system());
    }

    HostNames(Lookup lookup, Time time) {
        this.lookup = lookup;
        this.time = time;
        this.deadlineNanos = time.nanos() + PATIENCE_NANOS;
    }

    /// @param url in the common form of [PeerUrls]
    @Override
    public String apply(String url) {
        var host = PeerUrls.host(url);
        if (url.startsWith("unix") || host.isEmpty() || host.equals("localhost") || isAddress(host)) {
            return url;
        }
        int at = url.indexOf("//") + 2;
        var named = url.substring(at);
        return url.substring(0, at) + known.computeIfAbsent(named, this::resolved);
    }

    private static boolean isAddress(String host) {
        try {
            return InetAddress.ofLiteral(host) != null;
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    /// @param named host and port
    private String resolved(String named) {
        int colon = named.lastIndexOf(':');
        while (true) {
            try {
                var address = lookup.address(named.substring(0, colon));
                var text = address.getHostAddress();
                var resolved = (text.contains(":") ? "[" + text + "]" : text) + named.substring(colon);
                LOG.info("resolving " + named + " to " + resolved);
                return resolved;
            } catch (UnknownHostException unknown) {
                if (time.nanos() - deadlineNanos >= 0 || !pause(named, unknown)) {
                    LOG.error("could not resolve host " + named);
                    return named;
                }
            }
        }
    }

    private static boolean pause(String named, UnknownHostException unknown) {
        LOG.warning("failed resolving host " + named + " (" + unknown.getMessage() + "); retrying in 1s");
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
