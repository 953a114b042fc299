package dev.cetera.client;

import java.util.List;
import java.util.Optional;

/// What a [Op.Get] found.
///
/// @param more whether a limit left some out
/// @param count all that are in the range, also those that a limit left out
public record GetResponse(Header header, List<KeyValue> kvs, boolean more, long count) implements OpResponse {
    public GetResponse {
        kvs = List.copyOf(kvs);
    }

    /// The first, or only, one.
    public Optional<KeyValue> first() {
        return kvs.isEmpty() ? Optional.empty() : Optional.of(kvs.get(0));
    }
}
