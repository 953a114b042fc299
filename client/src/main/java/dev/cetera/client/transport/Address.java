package dev.cetera.client.transport;

import java.util.Locale;

/// Where an endpoint is.
///
/// @param text as the user wrote it; also its name in answers to [Transport#endpoints]
/// @param secure whether its scheme asks for TLS
/// @param host a name or an address without brackets, or the path of a socket file
/// @param port -1 for a socket file
public record Address(String text, boolean secure, String host, int port) {
    private static final int DEFAULT_PORT = 2379;

    /// Understands `host`, `host:port`, `http://`, `https://`, `unix://` and `unixs://`.
    public static Address parse(String text) {
        var rest = text.strip();
        var scheme = "";
        int at = rest.indexOf("://");
        if (at >= 0) {
            scheme = rest.substring(0, at).toLowerCase(Locale.ROOT);
            rest = rest.substring(at + 3);
        }
        switch (scheme) {
            case "unix", "unixs" -> {
                if (rest.isEmpty()) {
                    throw new IllegalArgumentException("endpoint \"" + text + "\" has no path");
                }
                return new Address(text, scheme.equals("unixs"), rest, -1);
            }
            case "", "http", "https" -> {
                return hostAndPort(text, scheme.equals("https"), rest);
            }
            default ->
                throw new IllegalArgumentException(
                        "endpoint \"" + text + "\" has a scheme other than http," + " https, unix and unixs");
        }
    }

    private static Address hostAndPort(String text, boolean secure, String rest) {
        int slash = rest.indexOf('/');
        var authority = slash < 0 ? rest : rest.substring(0, slash);
        var host = authority;
        int port = DEFAULT_PORT;
        int colon = authority.lastIndexOf(':');
        boolean bracketed = authority.startsWith("[");
        if (colon > authority.lastIndexOf(']') && (bracketed || authority.indexOf(':') == colon)) {
            host = authority.substring(0, colon);
            try {
                port = Integer.parseInt(authority.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("endpoint \"" + text + "\" has no number as its port", e);
            }
        }
        if (bracketed && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("endpoint \"" + text + "\" is not host:port");
        }
        return new Address(text, secure, host, port);
    }

    public boolean isSocketFile() {
        return port < 0;
    }

    /// What the member's certificate must be good for, and what it reads as the authority of requests.
    public String authority() {
        if (isSocketFile()) {
            return "localhost";
        }
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
