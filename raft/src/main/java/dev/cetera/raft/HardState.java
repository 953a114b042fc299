package dev.cetera.raft;

/// What a member must remember over a restart (Raft §5.2, §5.4).
///
/// @param term   latest term seen
/// @param vote   candidate voted for in that term, 0 for none
/// @param commit highest index known to be committed; may lag, never leads
public record HardState(long term, long vote, long commit) {
    public static final HardState NONE = new HardState(0, 0, 0);
}
