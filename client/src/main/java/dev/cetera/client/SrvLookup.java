package dev.cetera.client;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.InitialDirContext;

/// Endpoints from SRV records, as etcd's `--discovery-srv`: first those with TLS, then those without.
final class SrvLookup {
    private static final Pattern FIELDS = Pattern.compile("\\s+");

    private SrvLookup() {}

    static List<String> endpoints(String domain, String serviceSuffix) {
        return endpoints(domain, serviceSuffix, "dns:");
    }

    /// @param server as JNDI names it; `dns:` for the system's
    static List<String> endpoints(String domain, String serviceSuffix, String server) {
        var suffix = serviceSuffix.isEmpty() ? "" : "-" + serviceSuffix;
        var found = new ArrayList<String>();
        found.addAll(lookup("_etcd-client-ssl" + suffix + "._tcp." + domain, "https", server));
        found.addAll(lookup("_etcd-client" + suffix + "._tcp." + domain, "http", server));
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no SRV records of etcd's clients for " + domain);
        }
        return found;
    }

    // JNDI is Java's only door to SRV records; it makes no objects of what a DNS server says.
    @SuppressWarnings({"BanJNDI", "JdkObsolete"})
    private static List<String> lookup(String name, String scheme, String server) {
        var settings = new Hashtable<String, String>();
        settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        settings.put(Context.PROVIDER_URL, server);
        try {
            var context = new InitialDirContext(settings);
            try {
                var records = context.getAttributes(name, new String[] {"SRV"}).get("SRV");
                var found = new ArrayList<String>();
                for (int i = 0; records != null && i < records.size(); i++) {
                    found.add(endpoint(String.valueOf(records.get(i)), scheme));
                }
                return found;
            } finally {
                context.close();
            }
        } catch (NamingException e) {
            return List.of(); // no such name; the other one may be there
        }
    }

    /// Of a record such as `0 100 2379 a.example.com.`.
    static String endpoint(String record, String scheme) {
        var fields = FIELDS.split(record.strip(), -1);
        if (fields.length != 4) {
            throw new IllegalArgumentException("not an SRV record: " + record);
        }
        var host = fields[3].toLowerCase(Locale.ROOT);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        return scheme + "://" + host + ":" + fields[2];
    }
}
