package dev.cetera.client.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Contexts of TLS from files that may change: each handshake looks whether they have, and if the new content
/// can't be used goes on with the old one.
public final class Security {
    private static final System.Logger LOG = System.getLogger("dev.cetera.client");
    private static final byte[] PROBE = "whose key is it".getBytes(StandardCharsets.US_ASCII);

    private Security() {}

    /// A context whose files are read again when they change.
    ///
    /// @param authorities null for those that Java trusts
    /// @param certificate null for none, together with its key
    /// @throws IllegalArgumentException if the files can't be used
    public static SSLContext context(
            @Nullable Path authorities, @Nullable Path certificate, @Nullable Path key, Checks checks) {
        try {
            var context = SSLContext.getInstance("TLS");
            KeyManager[] keys = certificate == null || key == null
                    ? null
                    : new KeyManager[] {
                        new OwnKey(new Reloaded<>(
                                List.of(certificate, key), () -> identity(Pem.certificates(certificate), Pem.key(key))))
                    };
            TrustManager[] trust = null;
            if (checks == Checks.NONE) {
                trust = new TrustManager[] {new Trusting(null)};
            } else if (authorities != null) {
                trust = new TrustManager[] {
                    new Trusting(new Reloaded<>(List.of(authorities), () -> trusting(authorities)))
                };
            }
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS can't be set up: " + e.getMessage(), e);
        }
    }

    /// What is asked of a member's certificate.
    public enum Checks {
        ALL,
        NONE
    }

    private static X509ExtendedTrustManager trusting(Path authorities) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (var certificate : Pem.certificates(authorities)) {
            store.setCertificateEntry("ca-" + number++, certificate);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (var manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("no trust manager for X.509");
    }

    private record Identity(X509Certificate[] chain, PrivateKey key) {}

    /// A key that belongs to another certificate would only show in handshakes that fail, without a reason.
    private static Identity identity(List<X509Certificate> chain, PrivateKey key) throws GeneralSecurityException {
        var signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                });
        signature.initSign(key);
        signature.update(PROBE);
        var signed = signature.sign();
        boolean matches;
        try {
            signature.initVerify(chain.get(0).getPublicKey());
            signature.update(PROBE);
            matches = signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            matches = false; // not even of the same kind
        }
        if (!matches) {
            throw new InvalidKeyException("private key does not match public key");
        }
        return new Identity(chain.toArray(new X509Certificate[0]), key);
    }

    private interface Loader<T> {
        T load() throws IOException, GeneralSecurityException;
    }

    /// What files say, as long as they say something that can be used. Guarded by its lock.
    private static final class Reloaded<T> {
        private final List<Path> files;
        private final Loader<T> loader;
        private final ReentrantLock lock = new ReentrantLock();
        private List<FileTime> times;
        private T current;

        Reloaded(List<Path> files, Loader<T> loader) {
            this.files = files;
            this.loader = loader;
            try {
                this.times = times();
                this.current = loader.load();
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                throw new IllegalArgumentException(files + " can't be used for TLS: " + e.getMessage(), e);
            }
        }

        T get() {
            lock.lock();
            try {
                var now = times();
                if (!now.equals(times)) {
                    current = loader.load();
                    times = now;
                }
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, files + " can't be used, what they said before is: " + e);
            } finally {
                lock.unlock();
            }
            return current;
        }

        private List<FileTime> times() throws IOException {
            var all = new java.util.ArrayList<FileTime>();
            for (var file : files) {
                all.add(Files.getLastModifiedTime(file));
            }
            return all;
        }
    }

    /// Shows this side's only certificate to whoever asks.
    private static final class OwnKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "client";
        private final Reloaded<Identity> identity;

        OwnKey(Reloaded<Identity> identity) {
            this.identity = identity;
        }

        @Override
        public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return ALIAS;
        }

        @Override
        public String chooseEngineClientAlias(
                String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return identity.get().chain();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.get().key();
        }
    }

    /// Trusts whom the file names; everybody if there is none.
    private static final class Trusting extends X509ExtendedTrustManager {
        private final @Nullable Reloaded<X509ExtendedTrustManager> authorities;

        Trusting(@Nullable Reloaded<X509ExtendedTrustManager> authorities) {
            this.authorities = authorities;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            if (authorities != null) {
                authorities.get().checkServerTrusted(chain, type, engine);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            if (authorities != null) {
                authorities.get().checkServerTrusted(chain, type, socket);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            if (authorities != null) {
                authorities.get().checkServerTrusted(chain, type);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities == null
                    ? new X509Certificate[0]
                    : authorities.get().getAcceptedIssuers();
        }
    }
}
