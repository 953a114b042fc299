package dev.cetera.raftpb;

/// The numbers of raftpb's message types that members send to each other. All others (0 and 1, 10 to 12, 19 to
/// 23) are inputs of one member's own machine.
final class MessageType {
    static final int PROP = 2;
    static final int APP = 3;
    static final int APP_RESP = 4;
    static final int VOTE = 5;
    static final int VOTE_RESP = 6;
    static final int SNAP = 7;
    static final int HEARTBEAT = 8;
    static final int HEARTBEAT_RESP = 9;
    static final int TRANSFER_LEADER = 13;
    static final int TIMEOUT_NOW = 14;
    static final int READ_INDEX = 15;
    static final int READ_INDEX_RESP = 16;
    static final int PRE_VOTE = 17;
    static final int PRE_VOTE_RESP = 18;

    private MessageType() {}
}
