package dev.cetera.client;

import java.util.Optional;

/// The header's revision is that of the put.
///
/// @param previous what was there before, if that was asked for and there was something
public record PutResponse(Header header, Optional<KeyValue> previous) implements OpResponse {}
