package dev.cetera.config;

import dev.cetera.config.GoSyntax.BadLiteral;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One address of a listen or advertise flag: `http://127.0.0.1:2379`. Immutable.
///
/// @param host name or IP literal (without brackets); may be empty
/// @param port as written
public record Url(String scheme, String host, String port) implements Comparable<Url> {
    private static final Pattern FORM = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*)://([^/?#]*)(.*)");
    private static final Pattern OPAQUE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");
    private static final Pattern HOST_PORT = Pattern.compile("(?:\\[([^\\[\\]]*)]|([^:\\[\\]]*)):([^:\\[\\]]*)");

    /// A comma-separated list, sorted as etcd keeps it.
    static List<Url> list(String text) throws BadLiteral {
        var urls = new ArrayList<Url>();
        for (var one : text.split(",", -1)) {
            urls.add(parse(one.strip()));
        }
        urls.sort(Comparator.naturalOrder());
        return List.copyOf(urls);
    }

    static Url parse(String text) throws BadLiteral {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            if (text.indexOf(':') > 0 && !OPAQUE.matcher(text).matches()) {
                throw new BadLiteral(
                        "parse " + GoSyntax.quote(text) + ": first path segment in URL cannot contain colon");
            }
            throw badScheme(text);
        }
        var scheme = form.group(1).toLowerCase(java.util.Locale.ROOT);
        if (!List.of("http", "https", "unix", "unixs").contains(scheme)) {
            throw badScheme(text);
        }
        var address = HOST_PORT.matcher(form.group(2));
        if (!address.matches()) {
            throw new BadLiteral("URL address does not have the form \"host:port\": " + text);
        }
        if (form.group(3).startsWith("/")) {
            throw new BadLiteral("URL must not contain a path: " + text);
        }
        var bracketed = address.group(1);
        return new Url(scheme, bracketed != null ? bracketed : address.group(2), address.group(3));
    }

    private static BadLiteral badScheme(String text) {
        return new BadLiteral("URL scheme must be http, https, unix, or unixs: " + text);
    }

    /// `host:port`, an IPv6 literal in brackets.
    public String address() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /// Whether [#address] is the path of a Unix socket.
    public boolean isSocketFile() {
        return scheme.startsWith("unix");
    }

    /// Whether connections are by TLS.
    public boolean isSecure() {
        return scheme.equals("https") || scheme.equals("unixs");
    }

    static String join(List<Url> urls) {
        return urls.stream().map(Url::toString).collect(Collectors.joining(","));
    }

    @Override
    public int compareTo(Url other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return scheme + "://" + address();
    }
}
