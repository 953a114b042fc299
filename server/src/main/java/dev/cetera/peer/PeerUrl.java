package dev.cetera.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a member can be reached. Immutable.
///
/// @param host name or IP literal, without brackets
record PeerUrl(String scheme, String host, int port) {
    private static final Pattern FORM =
            Pattern.compile("([a-zA-Z]+)://(?:\\[([0-9a-fA-F:.%]+)]|([^:/?#\\[\\]@\\s]+)):([0-9]{1,5})");

    /// Null when that is no peer URL.
    static @Nullable PeerUrl parse(String text) {
        var form = FORM.matcher(text.strip());
        if (!form.matches()) {
            return null;
        }
        var scheme = form.group(1).toLowerCase(Locale.ROOT);
        int port = Integer.parseInt(form.group(4));
        if (!scheme.matches("https?|unixs?") || port < 1 || port > 65535) {
            return null;
        }
        return new PeerUrl(scheme, form.group(2) != null ? form.group(2) : form.group(3), port);
    }

    /// All of them, sorted as etcd sorts them; null when there is none, or one is malformed.
    static @Nullable List<PeerUrl> parseAll(List<String> texts) {
        var sorted = new TreeMap<String, PeerUrl>();
        for (var text : texts) {
            var url = parse(text);
            if (url == null) {
                return null;
            }
            sorted.put(url.toString(), url);
        }
        return sorted.isEmpty() ? null : new ArrayList<>(sorted.values());
    }

    /// Whether [#address] is the path of a Unix socket.
    boolean isSocketFile() {
        return scheme.startsWith("unix");
    }

    /// Whether connections are by TLS.
    boolean isSecure() {
        return scheme.equals("https") || scheme.equals("unixs");
    }

    /// `host:port`, an IPv6 literal in brackets.
    String address() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    @Override
    public String toString() {
        return scheme + "://" + address();
    }
}
