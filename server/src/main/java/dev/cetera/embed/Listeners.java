package dev.cetera.embed;

import dev.cetera.config.Config;
import dev.cetera.config.Url;
import dev.cetera.http.DualPort;
import dev.cetera.http.Guard;
import dev.cetera.http.Transport;
import dev.cetera.logs.Log;
import dev.cetera.tls.ClientTls;
import dev.cetera.tls.SelfSigned;
import dev.cetera.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a member listens and how that is guarded, as its configuration has it; what is odd about it is said
/// in etcd's words. Confined to the thread that starts the member.
final class Listeners {
    private static final Log LOG = Log.of("embed");

    private final Config config;
    private final Transport transport;
    private final Config.Tls peers;
    private final Config.Tls clients;
    /// Opened once somebody comes by TLS.
    private @Nullable ServerTls clientTls;

    /// @throws IOException when the certificates, or what else TLS needs, can't be used
    Listeners(Config config, Transport transport) throws IOException {
        this.config = config;
        this.transport = transport;
        var security = config.security();
        ServerTls.checkCiphers(security.cipherSuites());
        peers = side(security.peers(), "peer", config.addresses().listenPeer());
        clients = side(security.clients(), "client", config.addresses().listenClient());
    }

    private Config.Tls side(Config.Tls given, String name, List<Url> urls) throws IOException {
        if (!given.auto()) {
            return given;
        }
        if (!given.isEmpty()) {
            LOG.warning("ignoring " + name + " auto TLS since certs given");
            return given.withoutAuto();
        }
        var directory = Path.of(config.dataDir(), "fixtures", name);
        return SelfSigned.in(directory, urls.stream().map(Url::host).distinct().toList());
    }

    /// For the connections to other members.
    ClientTls dialing() throws IOException {
        var security = config.security();
        return ClientTls.open(peers, security.cipherSuites(), security.peerName(), "");
    }

    // ---- for the other members ----

    List<DualPort.Address> peers() throws IOException {
        if (!peers.isEmpty()) {
            LOG.info("peerTLS: " + shown(peers));
        }
        ServerTls tls = null;
        var addresses = new ArrayList<DualPort.Address>();
        for (var url : config.addresses().listenPeer()) {
            if (url.scheme().equals("http")) {
                warnOfClear("peer", url, peers, "Ignored peer key/cert files.", "--peer-client-cert-auth");
            }
            if (url.isSecure() && tls == null) {
                var security = config.security();
                tls = open(peers, url, new ServerTls.Rules(security.peerName(), security.peerAddress()));
            }
            addresses.add(address(url, url.isSecure() ? new Guard(tls, Guard.Clear.REFUSED) : Guard.NONE));
        }
        return addresses;
    }

    // ---- for clients ----

    /// Each address once, though it may be listed with TLS and without.
    List<DualPort.Address> clients() throws IOException {
        var guards = new LinkedHashMap<String, DualPort.Address>();
        for (var url : config.addresses().listenClient()) {
            if (!url.isSecure()) {
                warnOfClear("client", url, clients, "Ignored key/cert files.", "--client-cert-auth");
            } else if (clients.isEmpty()) {
                throw new IOException("TLS key/cert (--cert-file, --key-file) must be provided for client url " + url
                        + " with HTTPs scheme");
            }
            var guard = url.isSecure() ? new Guard(clientTls(url), Guard.Clear.REFUSED) : Guard.NONE;
            guards.merge(
                    url.address(),
                    address(url, guard),
                    (first, second) -> new DualPort.Address(
                            first.socket(), first.shown(), first.guard().and(second.guard())));
        }
        return List.copyOf(guards.values());
    }

    /// Of an address for those who measure.
    DualPort.Address measuring(Url url) throws IOException {
        return address(url, url.isSecure() ? new Guard(clientTls(url), Guard.Clear.REFUSED) : Guard.NONE);
    }

    private ServerTls clientTls(Url url) throws IOException {
        var tls = clientTls;
        if (tls == null) {
            tls = open(clients, url, ServerTls.Rules.NONE);
            clientTls = tls;
        }
        return tls;
    }

    /// Says how clients' connections are encrypted, once a member runs.
    void describeClients() {
        if (!clients.isEmpty()) {
            LOG.info("ClientTLS: " + shown(clients));
        }
    }

    // ---- both ----

    private ServerTls open(Config.Tls side, Url url, ServerTls.Rules rules) throws IOException {
        if (side.isEmpty()) {
            throw new IOException(
                    "cannot listen on TLS for " + url.address() + ": KeyFile and CertFile are not presented");
        }
        return ServerTls.open(side, config.security().cipherSuites(), rules);
    }

    private static void warnOfClear(String who, Url url, Config.Tls side, String ignored, String flag) {
        var scheme = "The scheme of " + who + " url " + url + " is HTTP while ";
        if (!side.isEmpty()) {
            LOG.warning(scheme + "peer key/cert files are presented. " + ignored);
        }
        if (side.demand()) {
            LOG.warning(scheme + "client cert auth (" + flag + ") is enabled. Ignored client cert auth for this url.");
        }
    }

    private DualPort.Address address(Url url, Guard guard) {
        return new DualPort.Address(socket(url), url.address(), guard);
    }

    private SocketAddress socket(Url url) {
        return url.isSocketFile()
                ? transport.file(url.address())
                : new InetSocketAddress(url.host(), Integer.parseInt(url.port()));
    }

    /// As etcd prints it.
    private static String shown(Config.Tls side) {
        return "cert = " + side.certificate() + ", key = " + side.key() + ", ca = " + side.authority()
                + ", trusted-ca = " + side.trust() + ", client-cert-auth = " + side.demand() + ", crl-file = "
                + side.revoked();
    }
}
