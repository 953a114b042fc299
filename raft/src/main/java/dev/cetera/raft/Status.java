package dev.cetera.raft;

/// How a member stands at one moment.
///
/// @param leader the leader of `term` as far as known, 0 for none
public record Status(long id, long term, long leader, Role role, long commit, long applied, long lastIndex) {}
