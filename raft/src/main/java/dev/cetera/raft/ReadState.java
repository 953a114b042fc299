package dev.cetera.raft;

/// The reads that wait under `requestId` may go on as soon as `index` is applied.
public record ReadState(long requestId, long index) {}
