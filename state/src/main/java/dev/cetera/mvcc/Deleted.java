package dev.cetera.mvcc;

/// A key that a deletion removed.
///
/// @param lease it was attached to, 0 for none
public record Deleted(byte[] key, long lease) {}
