package dev.cetera.peer;

import dev.cetera.node.Inbound;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec.Decoded;

/// Passes on to the member what came from others, after the checks that need to know who is a member. Shared.
final class Incoming {
    private final Inbound inbound;
    private final MergedLog log;
    private final MergedLog serverLog;
    private final PeerMeters meters;

    enum Outcome {
        TAKEN,
        /// Nothing that raft needs to know: it was ignored.
        IGNORED,
        /// It is wrong here, as the log says.
        REFUSED,
        /// The member has no room for it, or no use.
        NOT_TAKEN
    }

    Incoming(Inbound inbound, MergedLog log, MergedLog serverLog, PeerMeters meters) {
        this.inbound = inbound;
        this.log = log;
        this.serverLog = serverLog;
        this.meters = meters;
    }

    /// What a stream from `peer` carried: it speaks for itself, or passes on what a third member asked.
    Outcome fromStream(Decoded decoded, long peer) {
        if (decoded instanceof Decoded.Said(Message message) && message.from() != peer && !message.isPassedOn()) {
            log.merged(
                    "refused a message from " + hex(message.from()) + " that came by the stream of peer " + hex(peer));
            meters.receiveFailed(peer);
            return Outcome.REFUSED;
        }
        return take(decoded);
    }

    Outcome take(Decoded decoded) {
        return switch (decoded) {
            case Decoded.LinkHeartbeat _ -> Outcome.IGNORED;
            case Decoded.Ignored(long type, long _, long from) -> {
                log.merged("ignored a message of type " + Long.toUnsignedString(type) + " from " + hex(from)
                        + ": no member sends it to another one");
                yield Outcome.IGNORED;
            }
            case Decoded.Said(Message.InstallSnapshot install) -> {
                log.merged("refused a snapshot without its database from " + hex(install.from()));
                meters.receiveFailed(install.from());
                yield Outcome.REFUSED;
            }
            case Decoded.Said(Message message) -> pass(message);
        };
    }

    private Outcome pass(Message message) {
        if (!accepts(message)) {
            meters.receiveFailed(message.from());
            return Outcome.REFUSED;
        }
        if (inbound.receive(message)) {
            return Outcome.TAKEN;
        }
        meters.receiveFailed(message.from());
        return Outcome.NOT_TAKEN;
    }

    /// Whether it is for this member and its sender may speak; if not, the log says why.
    boolean accepts(Message message) {
        if (inbound.membership().isRemoved(message.from())) {
            serverLog.merged("reject message from removed member " + hex(message.from()));
            return false;
        }
        if (message.to() != inbound.memberId()) {
            log.merged("refused a message from " + hex(message.from()) + " that is for " + hex(message.to()));
            return false;
        }
        return true;
    }

    private static String hex(long id) {
        return Long.toHexString(id);
    }
}
