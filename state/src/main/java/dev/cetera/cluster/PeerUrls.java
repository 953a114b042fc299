package dev.cetera.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Lists of URLs of the form `scheme://host:port`, as flags and membership hold them.
///
/// Their text is hashed into ids and compared letter for letter, so it is brought into the form that Go
/// prints: scheme in lower case, everything else untouched.
public final class PeerUrls {
    private static final Set<String> SCHEMES = Set.of("http", "https", "unix", "unixs");

    private PeerUrls() {}

    /// Checked, in the common form, and sorted.
    ///
    /// @throws BadClusterException naming the first bad one
    public static List<String> parse(List<String> texts) throws BadClusterException {
        if (texts.isEmpty()) {
            throw new BadClusterException("no valid URLs given");
        }
        var urls = new ArrayList<String>(texts.size());
        for (var text : texts) {
            urls.add(parse(text.strip()));
        }
        urls.sort(null);
        return List.copyOf(urls);
    }

    private static String parse(String text) throws BadClusterException {
        int colon = text.indexOf(':');
        var scheme = colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!SCHEMES.contains(scheme)) {
            throw new BadClusterException("URL scheme must be http, https, unix, or unixs: " + text);
        }
        var rest = text.substring(colon + 1);
        if (!rest.startsWith("//")) {
            throw noHostAndPort(text);
        }
        var afterSlashes = rest.substring(2);
        int end = endOfAuthority(afterSlashes);
        var authority = afterSlashes.substring(0, end);
        if (!isHostAndPort(authority.substring(authority.lastIndexOf('@') + 1))) {
            throw noHostAndPort(text);
        }
        if (end < afterSlashes.length() && afterSlashes.charAt(end) == '/') {
            throw new BadClusterException("URL must not contain a path: " + text);
        }
        return scheme + "://" + afterSlashes;
    }

    private static int endOfAuthority(String text) {
        for (int i = 0; i < text.length(); i++) {
            if ("/?#".indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }

    private static BadClusterException noHostAndPort(String text) {
        return new BadClusterException("URL address does not have the form \"host:port\": " + text);
    }

    /// `host:port`, `:port`, `host:` or `[v6]:port`; only digits make a port.
    private static boolean isHostAndPort(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || !text.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        var host = text.substring(0, colon);
        if (host.startsWith("[")) {
            return host.indexOf(']') == host.length() - 1;
        }
        return host.chars().noneMatch(c -> c == ':' || c == '[' || c == ']');
    }

    /// The part of a URL that is resolved: what stands between scheme and port, without the brackets of an
    /// IPv6 address.
    ///
    /// @param url in the common form
    public static String host(String url) {
        var authority = url.substring(url.indexOf("//") + 2);
        authority = authority.substring(0, endOfAuthority(authority));
        authority = authority.substring(authority.lastIndexOf('@') + 1);
        var host = authority.substring(0, authority.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
