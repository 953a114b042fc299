package dev.cetera.tls;

import dev.cetera.config.Config;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/// A certificate that a member makes for itself, for a year, on the curve P-521: `cert.pem` and `key.pem` in a
/// directory where etcd has them, and takes them from.
public final class SelfSigned {
    private static final Duration LIFE = Duration.ofDays(365);
    private static final int KEY_BITS = 521;
    private static final int SERIAL_BITS = 128;

    private SelfSigned() {}

    /// A side with a certificate of its own and nothing else, made now unless it is there.
    ///
    /// @param hosts names or addresses that it is for
    public static Config.Tls in(Path directory, List<String> hosts) throws TlsException {
        var certificate = directory.resolve("cert.pem");
        var key = directory.resolve("key.pem");
        if (!Files.exists(certificate) || !Files.exists(key)) {
            try {
                make(directory, certificate, key, hosts);
            } catch (IOException | GeneralSecurityException | OperatorCreationException failed) {
                throw new TlsException("could not make a certificate in " + directory + " (" + failed + ")", failed);
            }
        }
        return new Config.Tls(certificate.toString(), key.toString(), "", "", "", false, true);
    }

    private static void make(Path directory, Path certificate, Path key, List<String> hosts)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        directories(directory);
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp521r1"));
        var pair = generator.generateKeyPair();
        write(key, "EC PRIVATE KEY", sec1(pair));
        write(certificate, "CERTIFICATE", signed(pair, hosts));
    }

    private static void directories(Path directory) throws IOException {
        if (Files.getFileStore(existing(directory)).supportsFileAttributeView("posix")) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(directory);
        }
    }

    private static Path existing(Path directory) {
        var path = directory.toAbsolutePath();
        while (!Files.exists(path) && path.getParent() != null) {
            path = path.getParent();
        }
        return path;
    }

    private static byte[] signed(KeyPair pair, List<String> hosts)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var names = new ArrayList<GeneralName>();
        for (var host : hosts) {
            names.add(new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        var now = Instant.now();
        var subject = new X500Name("O=etcd");
        var builder = new JcaX509v3CertificateBuilder(
                        subject,
                        new BigInteger(SERIAL_BITS, new SecureRandom()),
                        Date.from(now),
                        Date.from(now.plus(LIFE)),
                        subject,
                        pair.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(
                        Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        if (!names.isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
        }
        var signer = new JcaContentSignerBuilder("SHA512withECDSA").build(pair.getPrivate());
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(signer))
                .getEncoded();
    }

    private static boolean isAddress(String host) {
        try {
            return !host.isEmpty() && InetAddress.ofLiteral(host) != null;
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    /// The form that Go writes and reads.
    private static byte[] sec1(KeyPair pair) throws IOException {
        var point = SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded())
                .getPublicKeyData()
                .getBytes();
        return new org.bouncycastle.asn1.sec.ECPrivateKey(
                        KEY_BITS,
                        ((ECPrivateKey) pair.getPrivate()).getS(),
                        new DERBitString(point),
                        SECObjectIdentifiers.secp521r1)
                .getEncoded();
    }

    private static void write(Path file, String type, byte[] der) throws IOException {
        var text = new StringWriter();
        try (var writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        }
        var temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        if (Files.getFileStore(existing(file)).supportsFileAttributeView("posix")) {
            Files.createFile(
                    temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(temporary, text.toString(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Files.move(temporary, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
