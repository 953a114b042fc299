package dev.cetera.tls;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A certificate, the chain above it, and its key. Immutable; the key belongs to the first certificate.
record Identity(PrivateKey key, List<X509Certificate> chain) {
    // The content of an AlgorithmIdentifier, as DER.
    private static final byte[] RSA = {
        0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    private static final byte[] EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int PARAMETERS = 0xa0;

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
        var key = key(block.get());
        if (key == null) {
            throw new TlsException("tls: failed to parse private key (" + keyFile + ")");
        }
        if (!belong(key, chain.getFirst().getPublicKey())) {
            throw new TlsException(
                    "tls: private key does not match public key (" + keyFile + ", " + certificateFile + ")");
        }
        return new Identity(key, chain);
    }

    /// Whatever the label says, as Go has it; null for what is none of them.
    private static @Nullable PrivateKey key(Pem block) {
        var forms = new ArrayList<byte[]>();
        forms.add(block.der());
        forms.add(wrapped(RSA, block.der()));
        var curve = curve(block.der());
        if (curve != null) {
            forms.add(wrapped(concat(EC, curve), block.der()));
        }
        return forms.stream()
                .flatMap(pkcs8 -> Stream.of("RSA", "EC", "Ed25519").map(algorithm -> parse(pkcs8, algorithm)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable PrivateKey parse(byte[] pkcs8, String algorithm) {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException another) {
            return null;
        }
    }

    /// PKCS#8 around a bare key.
    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return tlv(SEQUENCE, concat(VERSION_0, tlv(SEQUENCE, algorithm), tlv(OCTETS, key)));
    }

    /// The object identifier in a SEC 1 key: `SEQUENCE { 1, OCTET STRING, [0] { OID } ... }`. Null when there
    /// is none.
    private static byte @Nullable [] curve(byte[] sec1) {
        var fields = contents(sec1, 0, SEQUENCE);
        if (fields == null) {
            return null;
        }
        int at = 0;
        while (at < fields.length) {
            int length = length(fields, at);
            if (length < 0) {
                return null;
            }
            if ((fields[at] & 0xff) == PARAMETERS) {
                return contents(fields, at, PARAMETERS);
            }
            at += header(fields, at) + length;
        }
        return null;
    }

    private static byte @Nullable [] contents(byte[] der, int at, int tag) {
        int length = length(der, at);
        if (length < 0 || (der[at] & 0xff) != tag) {
            return null;
        }
        int start = at + header(der, at);
        return Arrays.copyOfRange(der, start, start + length);
    }

    /// Of the contents; -1 when they don't fit.
    private static int length(byte[] der, int at) {
        if (at + 2 > der.length) {
            return -1;
        }
        int length = der[at + 1] & 0xff;
        int header = header(der, at);
        if (header > 4 || at + header > der.length) {
            return -1;
        }
        if (length > 0x7f) {
            length = 0;
            for (int i = at + 2; i < at + header; i++) {
                length = length << 8 | (der[i] & 0xff);
            }
        }
        return at + header + length > der.length ? -1 : length;
    }

    private static int header(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first > 0x7f ? 2 + (first & 0x7f) : 2;
    }

    private static byte[] tlv(int tag, byte[] contents) {
        int length = contents.length;
        byte[] head = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return concat(head, contents);
    }

    private static byte[] concat(byte[]... parts) {
        var all = new java.io.ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
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
