package dev.cetera.token;

import dev.cetera.tls.PrivateKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// Keys out of PEM files, in the forms that Go reads: `PUBLIC KEY` or `CERTIFICATE`, and [private
/// ones][PrivateKeys].
final class KeyFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /// What `openssl ecparam` writes in front of a key; the key names its curve itself.
    private static final String CURVE = "EC PARAMETERS";

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
                case "PUBLIC KEY" -> parsed(block.bytes());
                default -> throw new GeneralSecurityException("it holds a " + block.name());
            };
        } catch (GeneralSecurityException unreadable) {
            throw new IOException("failed to parse public key (" + path + "): " + unreadable.getMessage(), unreadable);
        }
    }

    static PrivateKey privateKey(String path) throws IOException {
        try {
            var key = PrivateKeys.read(block(path, "private").bytes());
            if (key == null) {
                throw new GeneralSecurityException("it holds no private key of RSA or a curve");
            }
            return key;
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
        while (found.find()) {
            if (!found.group(1).equals(CURVE)) {
                return new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2)));
            }
        }
        throw new GeneralSecurityException("it holds no key in PEM form");
    }

    /// The key knows its own kind; the JDK wants to be told.
    private static PublicKey parsed(byte[] der) throws GeneralSecurityException {
        GeneralSecurityException last = new GeneralSecurityException("its kind is not known");
        for (var kind : List.of("RSA", "EC")) {
            try {
                return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der));
            } catch (GeneralSecurityException other) {
                last = other;
            }
        }
        throw last;
    }
}
