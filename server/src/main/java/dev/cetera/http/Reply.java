package dev.cetera.http;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;

/// What a page answers. Immutable.
///
/// @param headers beside the content's type and length
record Reply(int status, String contentType, ByteString body, Map<String, String> headers) {
    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";
    static final String PROTOBUF = "application/protobuf";

    Reply {
        headers = Map.copyOf(headers);
    }

    static Reply of(int status, String contentType, String body) {
        return new Reply(status, contentType, ByteString.copyFromUtf8(body), Map.of());
    }

    static Reply text(int status, String body) {
        return of(status, TEXT, body);
    }

    static Reply json(String body) {
        return of(200, JSON, body);
    }

    /// A line of text that browsers shall not take for something else.
    static Reply error(int status, String line) {
        return text(status, line + "\n").with("X-Content-Type-Options", "nosniff");
    }

    static Reply notAllowed(String allowed) {
        return error(405, "Method Not Allowed").with("Allow", allowed);
    }

    Reply with(String name, String value) {
        var more = new HashMap<>(headers);
        more.put(name, value);
        return new Reply(status, contentType, body, more);
    }
}
