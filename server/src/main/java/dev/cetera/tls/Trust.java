package dev.cetera.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are taken during a handshake: those that come from an authority, and bear the one name
/// if there is one that they must bear; or anybody's. Immutable.
final class Trust extends X509ExtendedTrustManager {
    static final String NAME_REFUSED = "CommonName authentication failed";

    /// Null takes anybody's.
    private final @Nullable X509ExtendedTrustManager authorities;

    private final String name;

    private Trust(@Nullable X509ExtendedTrustManager authorities, String name) {
        this.authorities = authorities;
        this.name = name;
    }

    /// Of the authorities in these files, or those that the system trusts where there is none.
    ///
    /// @param name empty for any
    static Trust of(List<String> files, String name) throws TlsException {
        try {
            KeyStore store = null;
            if (!files.isEmpty()) {
                store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                int count = 0;
                for (var certificate : read(files)) {
                    store.setCertificateEntry(Integer.toString(count++), certificate);
                }
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return new Trust((X509ExtendedTrustManager) factory.getTrustManagers()[0], name);
        } catch (TlsException known) {
            throw known;
        } catch (GeneralSecurityException | IOException failed) {
            throw new TlsException("cannot use the authorities in " + files + " (" + failed.getMessage() + ")", failed);
        }
    }

    private static List<X509Certificate> read(List<String> files) throws TlsException {
        var all = new ArrayList<X509Certificate>();
        for (var file : files) {
            var certificates = Pem.certificates(file, Pem.blocks(Pem.read(file)));
            if (certificates.isEmpty()) {
                throw new TlsException("no certificates in " + file);
            }
            all.addAll(certificates);
        }
        return all;
    }

    /// For members whose certificates nobody signed.
    static Trust anybody() {
        return new Trust(null, "");
    }

    boolean takesAnybody() {
        return authorities == null;
    }

    private void checkName(X509Certificate[] chain) throws CertificateException {
        if (!name.isEmpty() && !name.equals(CommonName.of(chain[0]))) {
            throw new CertificateException(NAME_REFUSED);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (authorities != null) {
            authorities.checkClientTrusted(chain, authType, engine);
            checkName(chain);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (authorities != null) {
            try {
                authorities.checkServerTrusted(chain, authType, engine);
                checkName(chain);
            } catch (CertificateException refused) {
                throw bad(refused);
            }
        }
    }

    /// The server logs what it is told, and what etcd's members tell is `bad certificate`, whatever is wrong
    /// with one. The JDK tells that of wrong signatures alone; a server of ours has no such choice.
    private static CertificateException bad(CertificateException refused) {
        var cause = new CertPathValidatorException(
                refused.getMessage(), refused, null, -1, CertPathValidatorException.BasicReason.INVALID_SIGNATURE);
        return new CertificateException(refused.getMessage(), cause);
    }

    // Only engines are used here.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("not for sockets");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("not for sockets");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("not without an engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("not without an engine");
    }

    /// Empty: a client may show a certificate of any authority, it is looked at when it comes. Go does not
    /// name them either way.
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
