package dev.cetera.client;

import java.util.List;

/// What a [Op.Delete] removed.
///
/// @param deleted how many keys went
/// @param previous what they were, if that was asked for
public record DeleteResponse(Header header, long deleted, List<KeyValue> previous) implements OpResponse {
    public DeleteResponse {
        previous = List.copyOf(previous);
    }
}
