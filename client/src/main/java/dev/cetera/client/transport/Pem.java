package dev.cetera.client.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// PEM files. Keys come in three wrappings: PKCS#8 says its algorithm itself; PKCS#1 (RSA) and SEC1 (elliptic
/// curves) are put into a PKCS#8 wrapping here, because Java reads no other.
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);
    /// DER of `SEQUENCE { OID 1.2.840.113549.1.1.1, NULL }`.
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    /// DER of `OID 1.2.840.10045.2.1`.
    private static final byte[] EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int CURVE_TAG = 0xa0;

    private Pem() {}

    static List<X509Certificate> certificates(Path file) throws IOException, CertificateException {
        var factory = CertificateFactory.getInstance("X.509");
        var found = new ArrayList<X509Certificate>();
        var blocks = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (blocks.find()) {
            if (blocks.group(1).endsWith("CERTIFICATE")) {
                found.add((X509Certificate)
                        factory.generateCertificate(new ByteArrayInputStream(content(blocks.group(2)))));
            }
        }
        if (found.isEmpty()) {
            throw new CertificateException("no certificate in " + file);
        }
        return found;
    }

    static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        var blocks = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (blocks.find()) {
            var der = content(blocks.group(2));
            switch (blocks.group(1)) {
                case "PRIVATE KEY" -> {
                    return pkcs8(der);
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(tagged(SEQUENCE, VERSION_0, RSA, tagged(OCTETS, der)));
                }
                case "EC PRIVATE KEY" -> {
                    return pkcs8(tagged(SEQUENCE, VERSION_0, tagged(SEQUENCE, EC, curve(der)), tagged(OCTETS, der)));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new GeneralSecurityException("the key in " + file + " is encrypted");
                default -> {} // parameters of a curve, a certificate beside its key
            }
        }
        throw new GeneralSecurityException("no private key in " + file);
    }

    private static byte[] content(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        GeneralSecurityException last = null;
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                last = e; // of another algorithm
            }
        }
        throw new GeneralSecurityException("a private key of no known algorithm", last);
    }

    /// The curve's name out of a SEC1 key: what stands in the field with tag 0.
    private static byte[] curve(byte[] sec1) throws GeneralSecurityException {
        int at = headerLength(sec1, 0);
        while (at + 1 < sec1.length) {
            int header = headerLength(sec1, at);
            int length = contentLength(sec1, at);
            if ((sec1[at] & 0xff) == CURVE_TAG) {
                return java.util.Arrays.copyOfRange(sec1, at + header, at + header + length);
            }
            at += header + length;
        }
        throw new GeneralSecurityException("a key that doesn't name its curve");
    }

    private static int headerLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first < 0x80 ? 2 : 2 + (first & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        var content = new java.io.ByteArrayOutputStream();
        for (var part : parts) {
            content.writeBytes(part);
        }
        var whole = new java.io.ByteArrayOutputStream();
        whole.write(tag);
        int length = content.size();
        if (length < 0x80) {
            whole.write(length);
        } else if (length < 0x100) {
            whole.write(0x81);
            whole.write(length);
        } else {
            whole.write(0x82);
            whole.write(length >> 8);
            whole.write(length);
        }
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }
}
