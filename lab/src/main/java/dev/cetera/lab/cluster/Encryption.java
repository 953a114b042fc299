package dev.cetera.lab.cluster;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate that all members of a cluster, and those who ask them, show to each other; each side demands
/// it. Immutable; the files may change.
///
/// @param authority   PEM file of who signed it
/// @param certificate PEM file, for `127.0.0.1`, good for servers and clients
/// @param key         its key: of a curve, as PKCS#8
public record Encryption(Path authority, Path certificate, Path key) {
    private static final char[] NO_PASSWORD = {};

    /// What a member is started with.
    List<String> flags() {
        return List.of(
                "--cert-file=" + certificate,
                "--key-file=" + key,
                "--trusted-ca-file=" + authority,
                "--client-cert-auth",
                "--peer-cert-file=" + certificate,
                "--peer-key-file=" + key,
                "--peer-trusted-ca-file=" + authority,
                "--peer-client-cert-auth");
    }

    SslContext forGrpc() {
        try {
            return GrpcSslContexts.forClient()
                    .trustManager(authority.toFile())
                    .keyManager(certificate.toFile(), key.toFile())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SSLContext forHttp() {
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("authority", read(authority));
            var der = Base64.getMimeDecoder()
                    .decode(Files.readString(key)
                            .replaceAll("-----[A-Z ]+-----", "")
                            .strip());
            store.setKeyEntry(
                    "own",
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
                    NO_PASSWORD,
                    new Certificate[] {read(certificate)});
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            var own = KeyManagerFactory.getInstance("PKIX");
            own.init(store, NO_PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("certificates of a test do not fit", e);
        }
    }

    private static Certificate read(Path file) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
