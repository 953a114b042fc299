package dev.cetera.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The serial numbers of revoked certificates. As in etcd they count whoever issued a certificate, and the
/// list's own signature and times do not matter: it is the operator's file. Immutable.
record Revocations(Set<BigInteger> serials) {
    static final Revocations NONE = new Revocations(Set.of());

    Revocations {
        serials = Set.copyOf(serials);
    }

    /// From a file of lists in PEM, or one in DER.
    static Revocations read(String file) throws TlsException {
        var bytes = Pem.read(file);
        var lists = Pem.blocks(bytes).stream()
                .filter(block -> block.type().equals("X509 CRL"))
                .map(Pem::der)
                .toList();
        var serials = new HashSet<BigInteger>();
        for (var der : lists.isEmpty() ? List.of(bytes) : lists) {
            try {
                var list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
                var revoked = list.getRevokedCertificates();
                if (revoked != null) {
                    revoked.forEach(entry -> serials.add(entry.getSerialNumber()));
                }
            } catch (CRLException | CertificateException malformed) {
                throw new TlsException(
                        file + ": not a list of revoked certificates (" + malformed.getMessage() + ")", malformed);
            }
        }
        return new Revocations(serials);
    }

    void check(List<X509Certificate> shown) throws TlsException {
        for (var certificate : shown) {
            if (serials.contains(certificate.getSerialNumber())) {
                throw new TlsException(
                        "transport: certificate serial " + hex(certificate.getSerialNumber()) + " revoked");
            }
        }
    }

    private static String hex(BigInteger serial) {
        var digits = serial.toString(16);
        return digits.length() % 2 == 0 ? digits : "0" + digits;
    }
}
