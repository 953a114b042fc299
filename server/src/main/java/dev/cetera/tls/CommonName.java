package dev.cetera.tls;

import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;

/// The common name in a certificate's subject, by which etcd knows its holder.
public final class CommonName {
    private CommonName() {}

    /// Empty when there is none; the last one when there are several, as in Go.
    public static String of(X509Certificate certificate) {
        var name = "";
        try {
            for (var part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                var attribute = part.toAttributes().get("CN");
                if (attribute != null && attribute.get() instanceof String text) {
                    name = text;
                }
            }
        } catch (InvalidNameException malformed) {
            return "";
        } catch (NamingException unreadable) {
            return "";
        }
        return name;
    }
}
