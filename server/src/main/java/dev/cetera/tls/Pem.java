package dev.cetera.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The labelled blocks of a PEM file; text between them is passed over. Immutable.
///
/// @param type the label, `CERTIFICATE` say
/// @param der  what stands in it; nobody changes it
record Pem(String type, byte[] der) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([^-\\r\\n]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);
    private static final Pattern HEADERS = Pattern.compile("(?m)^[A-Za-z0-9-]+:.*$");

    /// More than the largest bundle of authorities in use.
    private static final long MAX_FILE = 16 << 20;

    /// All of them, in order; a block that is damaged is passed over, as in Go.
    static List<Pem> blocks(byte[] file) {
        var blocks = new ArrayList<Pem>();
        var found = BLOCK.matcher(new String(file, StandardCharsets.ISO_8859_1));
        while (found.find()) {
            var base64 = HEADERS.matcher(found.group(2)).replaceAll("").replaceAll("\\s", "");
            var der = decoded(base64);
            if (der != null) {
                blocks.add(new Pem(found.group(1), der));
            }
        }
        return blocks;
    }

    private static byte @Nullable [] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException damaged) {
            return null;
        }
    }

    /// The certificates among them, in order.
    static List<X509Certificate> certificates(String file, List<Pem> blocks) throws TlsException {
        var certificates = new ArrayList<X509Certificate>();
        for (var block : blocks) {
            if (block.type.equals("CERTIFICATE")) {
                certificates.add(certificate(file, block.der));
            }
        }
        return List.copyOf(certificates);
    }

    private static X509Certificate certificate(String file, byte[] der) throws TlsException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException malformed) {
            throw new TlsException(file + ": x509: malformed certificate (" + malformed.getMessage() + ")", malformed);
        }
    }

    /// The bytes of a file.
    ///
    /// @throws TlsException in Go's words: `open FILE: no such file or directory`
    static byte[] read(String file) throws TlsException {
        try {
            var path = Path.of(file);
            if (Files.size(path) > MAX_FILE) {
                throw new TlsException(file + ": larger than " + MAX_FILE + " bytes");
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException absent) {
            throw new TlsException("open " + file + ": no such file or directory", absent);
        } catch (AccessDeniedException denied) {
            throw new TlsException("open " + file + ": permission denied", denied);
        } catch (TlsException known) {
            throw known;
        } catch (IOException failed) {
            throw new TlsException("read " + file + ": " + failed.getMessage(), failed);
        }
    }
}
