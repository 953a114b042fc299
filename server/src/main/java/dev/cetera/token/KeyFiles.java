package dev.cetera.token;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/// Keys out of PEM files, in the forms that Go reads: `PUBLIC KEY` or `CERTIFICATE`, and `PRIVATE KEY` or `RSA
/// PRIVATE KEY`.
final class KeyFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /// Version 0 and the algorithm rsaEncryption: what PKCS#8 puts before a key of PKCS#1.
    private static final byte[] RSA_HEAD = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;

    private record Block(String name, byte[] bytes) {}

    private KeyFiles() {}

    static PublicKey publicKey(String path) throws IOException {
        try {
            var block = block(path, "public");
            return switch (block.name()) {
                case "CERTIFICATE" ->
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.bytes()))
                            .getPublicKey();
                case "PUBLIC KEY" -> any(factory -> factory.generatePublic(new X509EncodedKeySpec(block.bytes())));
                default -> throw new GeneralSecurityException("it holds a " + block.name());
            };
        } catch (GeneralSecurityException unreadable) {
            throw new IOException("failed to parse public key (" + path + "): " + unreadable.getMessage(), unreadable);
        }
    }

    static PrivateKey privateKey(String path) throws IOException {
        try {
            var block = block(path, "private");
            KeySpec spec = switch (block.name()) {
                case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(block.bytes());
                case "RSA PRIVATE KEY" -> new PKCS8EncodedKeySpec(wrapped(block.bytes()));
                default -> throw new GeneralSecurityException("it holds a " + block.name());
            };
            return any(factory -> factory.generatePrivate(spec));
        } catch (GeneralSecurityException unreadable) {
            throw new IOException("failed to parse private key (" + path + "): " + unreadable.getMessage(), unreadable);
        }
    }

    private static Block block(String path, String which) throws IOException, GeneralSecurityException {
        String pem;
        try {
            pem = Files.readString(Path.of(path));
        } catch (IOException unreadable) {
            throw new IOException("failed to read " + which + " key (" + path + ") for jwt: " + unreadable, unreadable);
        }
        var found = BLOCK.matcher(pem);
        if (!found.find()) {
            throw new GeneralSecurityException("it holds no key in PEM form");
        }
        return new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2)));
    }

    @FunctionalInterface
    private interface Making<T> {
        T by(KeyFactory factory) throws GeneralSecurityException;
    }

    /// The key knows its own kind; the JDK wants to be told.
    private static <T> T any(Making<T> making) throws GeneralSecurityException {
        GeneralSecurityException last = new GeneralSecurityException("its kind is not known");
        for (var kind : List.of("RSA", "EC")) {
            try {
                return making.by(KeyFactory.getInstance(kind));
            } catch (GeneralSecurityException other) {
                last = other;
            }
        }
        throw last;
    }

    private static byte[] wrapped(byte[] pkcs1) {
        var key = tagged(OCTETS, new byte[0], pkcs1);
        return tagged(SEQUENCE, RSA_HEAD, key);
    }

    /// DER: a tag, the length in three bytes and one that says so, the content.
    private static byte[] tagged(int tag, byte[] first, byte[] second) {
        int length = first.length + second.length;
        var out = new byte[5 + length];
        out[0] = (byte) tag;
        out[1] = (byte) 0x83;
        out[2] = (byte) (length >> 16);
        out[3] = (byte) (length >> 8);
        out[4] = (byte) length;
        System.arraycopy(first, 0, out, 5, first.length);
        System.arraycopy(second, 0, out, 5 + first.length, second.length);
        return out;
    }
}
