package dev.cetera.ctl.rpc;

import dev.cetera.client.transport.Address;
import dev.cetera.client.transport.Security;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// Why an endpoint can't be reached, for people: a call only knows that its time ran out, while connecting was
/// tried again and again. So it is tried once more by hand, as far as a member's first byte.
///
/// Immutable.
public final class Diagnosis {
    private static final int LIMIT_MILLIS = 1000;

    /// How HTTP/2 begins, with an empty SETTINGS frame. The answer is such a frame as well.
    private static final byte[] GREETING =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final String WITHOUT_TLS = "no answer in TLS (does it serve without? then http://, and no --cacert)";
    private static final String SILENT = "accepts connections, but does not answer";
    private static final int LENGTH_BYTES = 3;
    private static final int SETTINGS = 4;

    private final Address address;
    private final Target.Encryption encryption;

    private Diagnosis(Address address, Target.Encryption encryption) {
        this.address = address;
        this.encryption = encryption;
    }

    /// What is wrong and what may help; empty if a member answers, or nothing can be said.
    ///
    /// @throws IllegalArgumentException if that is no endpoint, or the files for TLS can't be used
    public static Optional<String> of(String endpoint, Target.Encryption encryption) {
        var address = Address.parse(endpoint);
        if (address.isSocketFile()) {
            return Optional.empty();
        }
        return new Diagnosis(address, encryption).trouble().map(trouble -> endpoint + ": " + trouble);
    }

    private boolean encrypted() {
        return encryption.wanted() == Target.Wanted.ALWAYS || address.secure();
    }

    private Optional<String> trouble() {
        var to = new InetSocketAddress(address.host(), address.port());
        if (to.isUnresolved()) {
            return Optional.of("no such host");
        }
        try (var socket = new Socket()) {
            try {
                socket.connect(to, LIMIT_MILLIS);
            } catch (ConnectException e) {
                return Optional.of("connection refused (no member serves there)");
            } catch (SocketTimeoutException e) {
                return Optional.of("no answer (is the address right, and does a firewall let it through?)");
            }
            socket.setSoTimeout(LIMIT_MILLIS);
            return encrypted() ? handshake(socket) : greeting(socket);
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> handshake(Socket socket) throws IOException {
        var checks = encryption.checks() == Target.Checks.ALL ? Security.Checks.ALL : Security.Checks.NONE;
        var name = encryption.serverName() == null ? address.host() : encryption.serverName();
        var context = Security.context(encryption.authorities(), encryption.certificate(), encryption.key(), checks);
        try (var secure = (SSLSocket) context.getSocketFactory().createSocket(socket, name, address.port(), true)) {
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            if (checks == Security.Checks.ALL) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            secure.setSSLParameters(parameters);
            try {
                secure.startHandshake();
            } catch (SocketTimeoutException e) {
                return Optional.of(SILENT);
            } catch (SSLException e) {
                return Optional.of(untrusted(e));
            } catch (SocketException | EOFException e) {
                return Optional.of(WITHOUT_TLS);
            }
            // Since TLS 1.3 a member tells only now what it thinks of the client's certificate.
            return greeting(secure);
        }
    }

    private String untrusted(SSLException failure) {
        Throwable reason = failure;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        var text = String.valueOf(reason.getMessage());
        if (text.contains("certification path") || text.contains("trust anchor")) {
            return encryption.authorities() == null
                    ? "its certificate is signed by an authority that is not known here (name it with --cacert)"
                    : "its certificate is signed by no authority of " + encryption.authorities();
        }
        if (text.contains("Unsupported or unrecognized SSL message") || reason instanceof EOFException) {
            return WITHOUT_TLS;
        }
        return text.contains("fatal alert") ? refused(text) : "its certificate was not accepted: " + text;
    }

    private String refused(String alert) {
        return "it ended the handshake: " + alert
                + (encryption.certificate() == null ? " (it may want a certificate: --cert and --key)" : "");
    }

    /// A member says something in HTTP/2 when it is greeted in that way.
    private Optional<String> greeting(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write(GREETING);
            socket.getOutputStream().flush();
            var answer = socket.getInputStream().readNBytes(LENGTH_BYTES + 1);
            if (answer.length > LENGTH_BYTES && answer[LENGTH_BYTES] == SETTINGS) {
                return Optional.empty();
            }
        } catch (SocketTimeoutException e) {
            return Optional.of(SILENT);
        } catch (SSLException e) {
            return Optional.of(refused(String.valueOf(e.getMessage())));
        } catch (SocketException e) {
            // Cut off: the same as an answer of another kind.
        }
        return Optional.of(
                encrypted()
                        ? "it ended the connection"
                                + (encryption.certificate() == null
                                        ? " (it may want a certificate: --cert and --key)"
                                        : "")
                        : "what answers is no member, or one that wants TLS (https://, --cacert)");
    }
}
