package dev.cetera.client;

/// History up to the revision is gone, or will be.
public record CompactResponse(Header header) {}
