package dev.cetera.http;

import java.util.Map;

/// What a page answers. Immutable.
///
/// @param headers beside the content's type and length
record Reply(int status, String contentType, String body, Map<String, String> headers) {
    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";

    static Reply text(int status, String body) {
        return new Reply(status, TEXT, body, Map.of());
    }

    static Reply json(String body) {
        return new Reply(200, JSON, body, Map.of());
    }

    /// A line of text that browsers shall not take for something else.
    static Reply error(int status, String line) {
        return new Reply(status, TEXT, line + "\n", Map.of("x-content-type-options", "nosniff"));
    }

    static Reply notAllowed(String allowed) {
        return new Reply(
                405, TEXT, "Method Not Allowed\n", Map.of("allow", allowed, "x-content-type-options", "nosniff"));
    }
}
