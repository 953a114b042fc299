package dev.cetera.lab.history;

import com.google.protobuf.Message;

/// One unary call of a client. Times are nanoseconds of one clock that all of a history's operations share.
///
/// @param number  counts the operations of a history, in the order of their calls
/// @param client  of those with the same number one begins after the other has ended (or was given up)
/// @param user    whose token the member was shown; empty for none
/// @param member  that was asked
/// @param request the request as it was sent: a `PutRequest`, a `LeaseKeepAliveRequest`, ...
/// @param ended   when the outcome was known to the client; [#NEVER] where it is unknown: it may take effect
///                at any time after the call
public record Operation(
        int number, int client, String user, String member, Message request, long called, long ended, Outcome outcome) {
    public static final long NEVER = Long.MAX_VALUE;

    /// The user who may do everything, and whom those show who have nothing to do with users.
    public static final String ROOT = "root";

    /// On root's account.
    public Operation(int number, int client, String member, Message request, long called, long ended, Outcome outcome) {
        this(number, client, ROOT, member, request, called, ended, outcome);
    }

    /// The same with another outcome.
    public Operation with(long otherEnded, Outcome other) {
        return new Operation(number, client, user, member, request, called, otherEnded, other);
    }

    /// The same under another number.
    public Operation numbered(int other) {
        return new Operation(other, client, user, member, request, called, ended, outcome);
    }
}
