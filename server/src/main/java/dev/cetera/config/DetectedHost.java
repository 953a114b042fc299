package dev.cetera.config;

import dev.cetera.config.CommandLine.Note;
import dev.cetera.config.CommandLine.Weight;
import dev.cetera.config.Config.Addresses;
import dev.cetera.config.Config.Bootstrap;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The two defaults that depend on other flags: a member that listens everywhere and was not told what to
/// advertise advertises the host of the default route, and a member with a name of its own is its own initial
/// cluster.
final class DetectedHost {
    private static final String ANY = "0.0.0.0";
    /// Any address beyond the local networks: connecting a datagram socket sends nothing, it only picks the
    /// route.
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 9);

    private DetectedHost() {}

    static Config fillIn(Config config, List<Note> notes) {
        var known = config.addresses();
        boolean peer =
                listensEverywhere(known.listenPeer()) && isDefault(known.advertisePeer(), ServerFlags.DEFAULT_PEER_URL);
        boolean client = listensEverywhere(known.listenClient())
                && isDefault(known.advertiseClient(), ServerFlags.DEFAULT_CLIENT_URL);
        var filled = config;
        if (peer || client) {
            var host = defaultRouteHost();
            if (host != null) {
                notes.add(new Note(
                        Weight.INFO,
                        "etcdmain",
                        "advertising using detected default host " + GoSyntax.quote(host),
                        CommandLine.Moment.STARTING));
                filled = config.withAddresses(new Addresses(
                        known.listenPeer(),
                        known.listenClient(),
                        known.listenMetrics(),
                        peer ? at(host, known.listenPeer().getFirst()) : known.advertisePeer(),
                        client ? at(host, known.listenClient().getFirst()) : known.advertiseClient()));
            }
        }
        var bootstrap = filled.bootstrap();
        if (!filled.name().equals("default")
                && bootstrap.initialCluster().equals(ServerFlags.DEFAULT_INITIAL_CLUSTER)) {
            var name = filled.name();
            var itself = filled.addresses().advertisePeer().stream()
                    .map(url -> name + "=" + url)
                    .collect(Collectors.joining(","));
            filled = filled.withBootstrap(new Bootstrap(itself, bootstrap.token()));
        }
        return filled;
    }

    private static boolean listensEverywhere(List<Url> urls) {
        return urls.getFirst().host().equals(ANY);
    }

    private static boolean isDefault(List<Url> urls, String only) {
        return urls.size() == 1 && urls.getFirst().toString().equals(only);
    }

    private static List<Url> at(String host, Url listen) {
        return List.of(new Url(listen.scheme(), host, listen.port()));
    }

    private static @Nullable String defaultRouteHost() {
        try (var socket = new DatagramSocket()) {
            socket.connect(ELSEWHERE);
            var local = socket.getLocalAddress();
            return local.isAnyLocalAddress() ? null : local.getHostAddress();
        } catch (IOException | java.io.UncheckedIOException noRoute) {
            return null; // the defaults then stay as they are, as etcd leaves them
        }
    }
}
