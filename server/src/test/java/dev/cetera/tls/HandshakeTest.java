package dev.cetera.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.config.Config;
import dev.cetera.config.Config.PeerAddress;
import dev.cetera.tls.TestAuthority.Signed;
import dev.cetera.tls.TestAuthority.Wish;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Both sides' engines against each other, without a socket.
class HandshakeTest {
    private static final SocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final String ADDRESS = "IP:127.0.0.1";

    @TempDir
    Path directory;

    private TestAuthority authority;
    private Signed server;
    private Signed client;

    @BeforeEach
    void sign() {
        authority = new TestAuthority(directory, "ca");
        server = authority.sign("server", Wish.of("server", ADDRESS));
        client = authority.sign("client", Wish.of("member", ADDRESS));
    }

    private Config.Tls side(Signed own) {
        return own.side(authority.file());
    }

    private static ServerTls open(Config.Tls side) throws TlsException {
        return ServerTls.open(side, List.of(), ServerTls.Rules.NONE);
    }

    private ClientTls dialing(Signed own) throws TlsException {
        return ClientTls.open(side(own), List.of(), "", "");
    }

    /// A handshake with what both sides' files hold now.
    ///
    /// @return the server's session, admitted
    private static SSLSession shake(ServerTls server, ClientTls client) throws IOException {
        return shake(server, client, "127.0.0.1");
    }

    private static SSLSession shake(ServerTls server, ClientTls client, String host) throws IOException {
        var allocator = UnpooledByteBufAllocator.DEFAULT;
        var accepting = server.newHandler(allocator, ServerTls.Speech.HTTP_1_AND_2, Runnable::run, 1000)
                .engine();
        var dialing =
                client.newHandler(allocator, Runnable::run, host, 2380, 1000).engine();
        shake(dialing, accepting, ByteBuffer.allocate(1 << 16));
        server.admit(accepting.getSession(), HERE);
        return accepting.getSession();
    }

    /// @param there what is on the way to the server
    private static void shake(SSLEngine dialing, SSLEngine accepting, ByteBuffer there) throws SSLException {
        dialing.setUseClientMode(true);
        accepting.setUseClientMode(false);
        dialing.beginHandshake();
        accepting.beginHandshake();
        var back = ByteBuffer.allocate(1 << 16);
        for (int i = 0; i < 100; i++) {
            step(dialing, back, there);
            step(accepting, there, back);
            if (isOver(dialing) && isOver(accepting) && there.position() == 0 && back.position() == 0) {
                return;
            }
        }
        throw new SSLException("it never ends");
    }

    private static boolean isOver(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                || engine.getHandshakeStatus() == HandshakeStatus.FINISHED;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        var plain = ByteBuffer.allocate(1 << 16);
        in.flip();
        if (in.hasRemaining()) {
            engine.unwrap(in, plain);
        }
        in.compact();
        for (var task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            engine.wrap(ByteBuffer.allocate(0), out);
        }
    }

    @Test
    void aCertificateOfTheAuthorityIsTaken() throws IOException {
        var session = shake(open(side(server)), dialing(client));

        assertThat(CommonName.of(ServerTls.shown(session).getFirst())).isEqualTo("member");
        assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
    }

    @Test
    void whoShowsNoCertificateIsRefusedWhereOneIsDemanded() throws IOException {
        var silent = new Config.Tls("", "", "", authority.file().toString(), "", false, false);

        assertThatThrownBy(() -> shake(open(side(server)), ClientTls.open(silent, List.of(), "", "")))
                .satisfies(
                        failed -> assertThat(Reasons.of(failed)).isEqualTo("tls: client didn't provide a certificate"));
        var undemanding =
                new Config.Tls(server.certificate().toString(), server.key().toString(), "", "", "", false, false);
        assertThat(ServerTls.shown(shake(open(undemanding), ClientTls.open(silent, List.of(), "", ""))))
                .isEmpty();
    }

    @Test
    void theOldFlagForAuthoritiesDemandsCertificatesToo() throws IOException {
        var old = new Config.Tls(
                server.certificate().toString(),
                server.key().toString(),
                authority.file().toString(),
                "",
                "",
                false,
                false);
        var silent = new Config.Tls("", "", "", authority.file().toString(), "", false, false);

        assertThatThrownBy(() -> shake(open(old), ClientTls.open(silent, List.of(), "", "")))
                .isInstanceOf(SSLException.class);
        assertThat(ServerTls.shown(shake(open(old), dialing(client)))).hasSize(1);
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws IOException {
        var other = new TestAuthority(directory, "other");
        var stranger = other.sign("stranger", Wish.of("member", ADDRESS));

        assertThatThrownBy(() -> shake(open(side(server)), dialing(stranger)))
                .satisfies(failed -> assertThat(Reasons.of(failed))
                        .isEqualTo("tls: failed to verify certificate: x509: certificate signed by unknown authority"));
    }

    @Test
    void anExpiredCertificateIsRefused() throws IOException {
        var old = authority.sign("old", Wish.of("member", ADDRESS).expired());

        assertThatThrownBy(() -> shake(open(side(server)), dialing(old)))
                .satisfies(failed -> assertThat(Reasons.of(failed)).endsWith(Reasons.EXPIRED));
    }

    @Test
    void aRevokedCertificateIsRefusedAsSoonAsTheListSaysSo() throws IOException {
        var list = authority.revoke();
        var tls = open(server.side(authority.file(), list));
        shake(tls, dialing(client));

        authority.revoke(client);

        assertThatThrownBy(() -> shake(tls, dialing(client)))
                .isInstanceOf(TlsException.class)
                .hasMessage("transport: certificate serial "
                        + client.x509().getSerialNumber().toString(16) + " revoked");
    }

    @Test
    void onlyTheAllowedNameComesIn() throws IOException {
        var rules = new ServerTls.Rules("member", PeerAddress.ANY);
        var tls = ServerTls.open(side(server), List.of(), rules);
        var other = authority.sign("other", Wish.of("somebody", ADDRESS));
        shake(tls, dialing(client));

        assertThatThrownBy(() -> shake(tls, dialing(other)))
                .satisfies(failed -> assertThat(Reasons.of(failed)).isEqualTo(Trust.NAME_REFUSED));
    }

    @Test
    void aServerMustBearTheAllowedNameToo() throws IOException {
        var strict = ClientTls.open(side(client), List.of(), "member", "");

        assertThatThrownBy(() -> shake(open(side(server)), strict))
                .satisfies(failed -> assertThat(Reasons.of(failed)).isEqualTo(Trust.NAME_REFUSED));
        shake(open(side(client)), strict);
    }

    /// What a server logs of a caller who does not take its certificate.
    private static String told(ServerTls server, ClientTls client, String host) throws TlsException {
        var allocator = UnpooledByteBufAllocator.DEFAULT;
        var accepting = server.newHandler(allocator, ServerTls.Speech.HTTP_1_AND_2, Runnable::run, 1000)
                .engine();
        var dialing =
                client.newHandler(allocator, Runnable::run, host, 2380, 1000).engine();
        var there = ByteBuffer.allocate(1 << 16);
        assertThatThrownBy(() -> shake(dialing, accepting, there)).isInstanceOf(SSLException.class);
        try {
            while (dialing.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                dialing.wrap(ByteBuffer.allocate(0), there);
            }
            step(accepting, there, ByteBuffer.allocate(1 << 16));
            return "";
        } catch (SSLException heard) {
            return Reasons.of(heard);
        }
    }

    @Test
    void aServerIsToldThatItsCertificateIsBad() throws IOException {
        var bad = "remote error: tls: bad certificate";
        var strict = ClientTls.open(side(client), List.of(), "somebody", "");
        assertThat(told(open(side(server)), strict, "127.0.0.1")).isEqualTo(bad);
        assertThat(told(open(side(server)), dialing(client), "127.0.0.2")).isEqualTo(bad);
        var stranger = new TestAuthority(directory, "other").sign("stranger", Wish.of("server", ADDRESS));
        assertThat(told(open(side(stranger)), dialing(client), "127.0.0.1")).isEqualTo(bad);
        var old = authority.sign("old", Wish.of("server", ADDRESS).expired());
        assertThat(told(open(side(old)), dialing(client), "127.0.0.1")).isEqualTo(bad);
    }

    @Test
    void aServerMustBeTheHostThatWasCalled() throws IOException {
        assertThatThrownBy(() -> shake(open(side(server)), dialing(client), "127.0.0.2"))
                .isInstanceOf(SSLException.class);
        var expecting = ClientTls.open(side(client), List.of(), "", "127.0.0.1");
        shake(open(side(server)), expecting, "127.0.0.2");
    }

    @Test
    void aMemberMustConnectFromAnAddressInItsCertificate() throws IOException {
        var rules = new ServerTls.Rules("", PeerAddress.MUST_BE_NAMED);
        var tls = ServerTls.open(side(server), List.of(), rules);
        var elsewhere = authority.sign("elsewhere", Wish.of("member", "IP:10.0.0.1"));
        var unnamed = authority.sign("unnamed", Wish.of("member"));
        var local = authority.sign("local", Wish.of("member", "DNS:localhost"));
        var unknown = authority.sign("unknown", Wish.of("member", "DNS:no-such-host.invalid"));
        shake(tls, dialing(client));
        shake(tls, dialing(unnamed));
        shake(tls, dialing(local));

        assertThatThrownBy(() -> shake(tls, dialing(elsewhere)))
                .hasMessage("x509: certificate is valid for 10.0.0.1, not 127.0.0.1");
        assertThatThrownBy(() -> shake(tls, dialing(unknown)))
                .hasMessageStartingWith("tls: \"127.0.0.1\" does not match any of DNSNames [\"no-such-host.invalid\"]");
    }

    @Test
    void newCertificatesAndAuthoritiesCountWithoutARestart() throws IOException {
        var tls = open(side(server));
        var calling = dialing(client);
        shake(tls, calling);

        var next = new TestAuthority(directory, "next");
        var renewed = next.sign("renewed", Wish.of("renewed", ADDRESS));
        TestAuthority.replace(authority.file(), Files.readString(authority.file()) + Files.readString(next.file()));
        TestAuthority.replace(server.key(), Files.readString(renewed.key()));
        TestAuthority.replace(server.certificate(), Files.readString(renewed.certificate()));
        shake(tls, calling);
        assertThat(CommonName.of(ServerTls.shown(shake(tls, dialing(renewed))).getFirst()))
                .isEqualTo("renewed");

        TestAuthority.replace(authority.file(), Files.readString(next.file()));
        assertThatThrownBy(() -> shake(tls, dialing(client))).isInstanceOf(SSLException.class);
    }

    @Test
    void aBrokenFileLeavesTheOldOneInUse() throws IOException {
        var tls = open(side(server));
        var calling = dialing(client);

        TestAuthority.replace(server.key(), "half");
        TestAuthority.replace(authority.file(), "a file");
        shake(tls, calling);
        Files.delete(server.key());
        shake(tls, calling);
    }

    @Test
    void cipherSuitesGoByGosNames() throws IOException {
        var one = List.of("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305");
        var session = shake(ServerTls.open(side(server), one, ServerTls.Rules.NONE), dialing(client));

        assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
        assertThat(session.getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
        assertThatThrownBy(() -> ServerTls.open(side(server), List.of("foo"), ServerTls.Rules.NONE))
                .hasMessage("unexpected TLS cipher suite \"foo\"");
        assertThatThrownBy(
                        () -> ServerTls.open(side(server), List.of("TLS_RSA_WITH_RC4_128_SHA"), ServerTls.Rules.NONE))
                .hasMessageContaining("is offered by this Java runtime");
    }

    @Test
    void aCertificateThatAMemberMadeItselfIsMadeOnceAndTrustsAnybody() throws IOException {
        var made = SelfSigned.in(directory.resolve("fixtures/peer"), List.of("127.0.0.1", "localhost"));
        var tls = open(made);
        var before = Files.readString(Path.of(made.key()));

        var session = shake(tls, ClientTls.open(made, List.of(), "", ""), "somewhere");

        assertThat(ServerTls.shown(session)).isEmpty();
        assertThat(SelfSigned.in(directory.resolve("fixtures/peer"), List.of("other")))
                .isEqualTo(made);
        assertThat(Files.readString(Path.of(made.key()))).isEqualTo(before).contains("EC PRIVATE KEY");
        assertThat(Files.getPosixFilePermissions(Path.of(made.key())))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        var read = Identity.read(made.certificate(), made.key());
        assertThat(PeerAddresses.addresses(read.chain().getFirst())).containsExactly("127.0.0.1");
        assertThat(PeerAddresses.hosts(read.chain().getFirst())).containsExactly("localhost");
    }
}
