package dev.cetera.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/// A certificate, the chain above it, and its key. Immutable; the key belongs to the first certificate.
record Identity(PrivateKey key, List<X509Certificate> chain) {
    Identity {
        chain = List.copyOf(chain);
    }

    /// From PEM files. The key may be in the forms that Go takes: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC).
    static Identity read(String certificateFile, String keyFile) throws TlsException {
        if (certificateFile.isEmpty() || keyFile.isEmpty()) {
            throw new TlsException(
                    "KeyFile and CertFile must both be present[key: " + keyFile + ", cert: " + certificateFile + "]");
        }
        var certificates = Pem.blocks(Pem.read(certificateFile));
        var keys = Pem.blocks(Pem.read(keyFile));
        var chain = Pem.certificates(certificateFile, certificates);
        if (chain.isEmpty()) {
            throw new TlsException("tls: failed to find "
                    + (certificates.isEmpty()
                            ? "any PEM data in certificate input"
                            : "\"CERTIFICATE\" PEM block in certificate input")
                    + " (" + certificateFile + ")");
        }
        var block = keys.stream()
                .filter(one -> one.type().equals("PRIVATE KEY") || one.type().endsWith(" PRIVATE KEY"))
                .findFirst();
        if (block.isEmpty()) {
            throw new TlsException("tls: failed to find any PEM data in key input (" + keyFile + ")");
        }
        var key = PrivateKeys.read(block.get().der());
        if (key == null) {
            throw new TlsException("tls: failed to parse private key (" + keyFile + ")");
        }
        if (!belong(key, chain.getFirst().getPublicKey())) {
            throw new TlsException(
                    "tls: private key does not match public key (" + keyFile + ", " + certificateFile + ")");
        }
        return new Identity(key, chain);
    }

    private static boolean belong(PrivateKey key, PublicKey to) {
        var algorithm = switch (to.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> to.getAlgorithm();
        };
        try {
            byte[] sample = {1, 2, 3};
            var signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(sample);
            var signed = signer.sign();
            signer.initVerify(to);
            signer.update(sample);
            return signer.verify(signed);
        } catch (GeneralSecurityException another) {
            return false;
        }
    }
}
