package dev.cetera.client.transport;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one call, or all calls of a view, ask for beyond the request.
///
/// @param timeout null for none
/// @param metadata goes with the request
/// @param endpoint the one to ask, as [Address#text]; null for any
public record CallSettings(
        @Nullable Duration timeout,
        Map<String, String> metadata,
        @Nullable String endpoint) {
    public static final CallSettings DEFAULTS = new CallSettings(null, Map.of(), null);

    public CallSettings {
        metadata = Map.copyOf(metadata);
    }

    public CallSettings withTimeout(Duration limit) {
        return new CallSettings(limit, metadata, endpoint);
    }

    public CallSettings withMetadata(String name, String value) {
        var all = new HashMap<>(metadata);
        all.put(name, value);
        return new CallSettings(timeout, all, endpoint);
    }

    public CallSettings at(String endpointText) {
        return new CallSettings(timeout, metadata, endpointText);
    }
}
