package dev.cetera.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.tls.TestAuthority.Wish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates and keys in all the forms that Go takes.
class IdentityTest {
    @TempDir
    Path directory;

    @Test
    void aKeyInPkcs8IsRead() throws TlsException {
        var signed = new TestAuthority(directory, "ca").sign("one", Wish.of("one"));

        var read = Identity.read(signed.certificate().toString(), signed.key().toString());

        assertThat(read.key()).isEqualTo(signed.keys().getPrivate());
        assertThat(read.chain()).containsExactly(signed.x509());
    }

    @Test
    void anEcKeyInSec1IsRead() throws Exception {
        var signed = new TestAuthority(directory, "ca").sign("one", Wish.of("one"));
        var sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, ((ECPrivateKey) signed.keys().getPrivate()).getS(), SECObjectIdentifiers.secp256r1);
        TestAuthority.write(signed.key(), "EC PRIVATE KEY", sec1.getEncoded());

        var read = Identity.read(signed.certificate().toString(), signed.key().toString());

        assertThat(((ECPrivateKey) read.key()).getS())
                .isEqualTo(((ECPrivateKey) signed.keys().getPrivate()).getS());
    }

    @Test
    void theParametersThatOpensslPutsInFrontOfAnEcKeyArePassedOver() throws Exception {
        var signed = new TestAuthority(directory, "ca").sign("one", Wish.of("one"));
        var key = Files.readString(signed.key());
        Files.writeString(
                signed.key(), "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key);

        assertThat(Identity.read(signed.certificate().toString(), signed.key().toString())
                        .key())
                .isEqualTo(signed.keys().getPrivate());
    }

    @Test
    void anRsaKeyInPkcs1IsRead() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var pair = generator.generateKeyPair();
        var certificate = directory.resolve("rsa.pem");
        var key = directory.resolve("rsa.key");
        TestAuthority.write(certificate, "CERTIFICATE", selfSigned(pair).getEncoded());
        var pkcs1 = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
        TestAuthority.write(key, "RSA PRIVATE KEY", pkcs1);

        assertThat(Identity.read(certificate.toString(), key.toString()).key()).isEqualTo(pair.getPrivate());
    }

    private static X509Certificate selfSigned(KeyPair pair) throws GeneralSecurityException, OperatorCreationException {
        var name = new X500Name("CN=rsa");
        var builder = new JcaX509v3CertificateBuilder(
                name,
                java.math.BigInteger.TEN,
                Date.from(Instant.EPOCH),
                Date.from(Instant.EPOCH.plus(Duration.ofDays(30_000))),
                name,
                pair.getPublic());
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
    }

    @Test
    void aChainIsReadInItsOrder() throws IOException {
        var authority = new TestAuthority(directory, "ca");
        var signed = authority.sign("one", Wish.of("one"));
        Files.writeString(
                signed.certificate(), Files.readString(authority.file()), java.nio.file.StandardOpenOption.APPEND);

        assertThat(Identity.read(signed.certificate().toString(), signed.key().toString())
                        .chain())
                .hasSize(2)
                .first()
                .isEqualTo(signed.x509());
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        var authority = new TestAuthority(directory, "ca");
        var one = authority.sign("one", Wish.of("one"));
        var two = authority.sign("two", Wish.of("two"));

        assertThatThrownBy(() ->
                        Identity.read(one.certificate().toString(), two.key().toString()))
                .isInstanceOf(TlsException.class)
                .hasMessageStartingWith("tls: private key does not match public key");
    }

    @Test
    void whatIsMissingOrGarbageIsNamed() throws IOException {
        var signed = new TestAuthority(directory, "ca").sign("one", Wish.of("one"));
        var certificate = signed.certificate().toString();
        var garbage = directory.resolve("garbage");
        Files.writeString(garbage, "no PEM");

        assertThatThrownBy(() -> Identity.read(certificate, ""))
                .hasMessage("KeyFile and CertFile must both be present[key: , cert: " + certificate + "]");
        assertThatThrownBy(() -> Identity.read(certificate, "/no/such"))
                .hasMessage("open /no/such: no such file or directory");
        assertThatThrownBy(() -> Identity.read(certificate, garbage.toString()))
                .hasMessageStartingWith("tls: failed to find any PEM data in key input");
        assertThatThrownBy(() -> Identity.read(garbage.toString(), signed.key().toString()))
                .hasMessageStartingWith("tls: failed to find any PEM data in certificate input");
        TestAuthority.write(garbage, "PRIVATE KEY", new byte[] {1, 2, 3});
        assertThatThrownBy(() -> Identity.read(certificate, garbage.toString()))
                .hasMessageStartingWith("tls: failed to parse private key");
    }
}
