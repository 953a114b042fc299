package dev.cetera.client;

/// A key and its value at a revision.
///
/// @param createRevision of the put that made the key, after its last deletion; 0 in events of deletions
/// @param modRevision of the change that made this
/// @param version 1 for the put that made the key, then one more with each; 0 in events of deletions
/// @param lease the key goes when this lease does; 0 for none
public record KeyValue(Key key, Value value, long createRevision, long modRevision, long version, long lease) {}
