package dev.cetera.tls;

import dev.cetera.config.Config;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/// Signs certificates and writes them to a directory.
public final class TestAuthority {
    private static final Duration DAY = Duration.ofDays(1);

    private final KeyPair keys = pair();
    private final X500Name name;
    private final Path directory;
    private final X509Certificate certificate;
    private int serial = 100;

    /// A certificate and its key in files.
    public record Signed(Path certificate, Path key, X509Certificate x509, KeyPair keys) {
        /// As the certificate of one side, which trusts an authority and demands certificates from it.
        public Config.Tls side(Path trust) {
            return new Config.Tls(certificate.toString(), key.toString(), "", trust.toString(), "", true, false);
        }

        /// The same, with a list of revoked certificates.
        public Config.Tls side(Path trust, Path revoked) {
            return new Config.Tls(
                    certificate.toString(), key.toString(), "", trust.toString(), revoked.toString(), true, false);
        }
    }

    /// What a certificate says.
    ///
    /// @param names    `IP:127.0.0.1` or `DNS:localhost`
    /// @param lifetime from yesterday on; may be over
    public record Wish(String commonName, List<String> names, Duration lifetime) {
        public static Wish of(String commonName, String... names) {
            return new Wish(commonName, List.of(names), Duration.ofDays(30));
        }

        public Wish expired() {
            return new Wish(commonName, names, Duration.ofHours(1));
        }
    }

    public TestAuthority(Path directory, String commonName) {
        this.directory = directory;
        name = new X500Name("CN=" + commonName);
        try {
            var builder = new JcaX509v3CertificateBuilder(
                            name, BigInteger.ONE, yesterday(), at(DAY.multipliedBy(30)), name, keys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            certificate = sign(builder);
            write(file(), "CERTIFICATE", certificate.getEncoded());
        } catch (IOException | GeneralSecurityException | OperatorCreationException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static KeyPair pair() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static Date yesterday() {
        return Date.from(Instant.now().minus(DAY));
    }

    private static Date at(Duration after) {
        return Date.from(Instant.now().minus(DAY).plus(after));
    }

    private X509Certificate sign(org.bouncycastle.cert.X509v3CertificateBuilder builder)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }

    /// The authority's own certificate.
    public X509Certificate certificate() {
        return certificate;
    }

    /// The file that it is in.
    public Path file() {
        return directory.resolve(name.toString().replace("CN=", "") + ".pem");
    }

    /// Signs a certificate for servers and clients, in files of this name.
    public Signed sign(String file, Wish wish) {
        var pair = pair();
        try {
            var names = new ArrayList<GeneralName>();
            for (var one : wish.names()) {
                names.add(new GeneralName(
                        one.startsWith("IP:") ? GeneralName.iPAddress : GeneralName.dNSName,
                        one.substring(one.indexOf(':') + 1)));
            }
            var usages = new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
            var builder = new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.valueOf(serial++),
                            yesterday(),
                            at(wish.lifetime()),
                            new X500Name("CN=" + wish.commonName()),
                            pair.getPublic())
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages));
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            var signed =
                    new Signed(directory.resolve(file + ".pem"), directory.resolve(file + ".key"), sign(builder), pair);
            write(signed.certificate(), "CERTIFICATE", signed.x509().getEncoded());
            write(signed.key(), "PRIVATE KEY", pair.getPrivate().getEncoded());
            return signed;
        } catch (IOException | GeneralSecurityException | OperatorCreationException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /// Writes the list of these and no other certificates as revoked.
    public Path revoke(Signed... revoked) {
        try {
            var builder = new JcaX509v2CRLBuilder(certificate.getSubjectX500Principal(), yesterday());
            for (var one : revoked) {
                builder.addCRLEntry(one.x509().getSerialNumber(), yesterday(), CRLReason.keyCompromise);
            }
            var list = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
            var file = directory.resolve("revoked.pem");
            write(file, "X509 CRL", list.getEncoded());
            return file;
        } catch (IOException | OperatorCreationException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /// Puts a new file in the place of an old one, as tools that exchange certificates do.
    static void write(Path file, String type, byte[] der) throws IOException {
        var text = new StringWriter();
        try (var writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        }
        replace(file, text.toString());
    }

    static void replace(Path file, String text) throws IOException {
        var next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
        Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
