package dev.cetera.node;

import dev.cetera.logs.Log;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import java.util.stream.Collectors;

/// Says how the raft machine begins and what becomes of it, in etcd's words: one line per change. Immutable.
final class RaftLog {
    private static final Log LOG = Log.of("raft");

    private RaftLog() {}

    static void begins(Status now, Recovered recovered, long lastTerm) {
        var peers = recovered.snapshot().conf().voters();
        LOG.info(hex(now.id()) + " became follower at term " + now.term());
        LOG.info("newRaft " + hex(now.id()) + " [peers: ["
                + peers.stream().map(RaftLog::hex).collect(Collectors.joining(",")) + "], term: " + now.term()
                + ", commit: " + now.commit() + ", applied: " + now.applied() + ", lastindex: " + now.lastIndex()
                + ", lastterm: " + lastTerm + "]");
    }

    static void campaigns(Status now) {
        LOG.info(hex(now.id()) + " is starting a new election at term " + now.term());
    }

    /// The leader hands its leadership on.
    static void urged(Status now, long from) {
        LOG.info(hex(now.id()) + " [term " + now.term() + "] received MsgTimeoutNow from " + hex(from)
                + " and starts an election to get leadership.");
    }

    static void changed(Status before, Status now) {
        var id = hex(now.id());
        if (now.role() != before.role() || now.term() != before.term()) {
            if (before.role() == Role.LEADER && now.term() == before.term()) {
                LOG.warning(id + " stepped down to follower since quorum is not active");
            }
            LOG.info(id + " became " + name(now.role()) + " at term " + now.term());
        }
        if (now.leader() == before.leader()) {
            return;
        }
        if (now.leader() == 0) {
            LOG.info("raft.node: " + id + " lost leader " + hex(before.leader()) + " at term " + now.term());
        } else if (before.leader() == 0) {
            LOG.info("raft.node: " + id + " elected leader " + hex(now.leader()) + " at term " + now.term());
        } else {
            LOG.info("raft.node: " + id + " changed leader from " + hex(before.leader()) + " to " + hex(now.leader())
                    + " at term " + now.term());
        }
    }

    /// A single voter's vote for itself.
    static void votedForItself(Status now) {
        LOG.info(hex(now.id()) + " received MsgVoteResp from " + hex(now.id()) + " at term " + now.term());
    }

    static void tickMissed() {
        LOG.warning("A tick missed to fire. Node blocks too long!");
    }

    private static String name(Role role) {
        return switch (role) {
            case FOLLOWER -> "follower";
            case PRE_CANDIDATE -> "pre-candidate";
            case CANDIDATE -> "candidate";
            case LEADER -> "leader";
        };
    }

    private static String hex(long id) {
        return Long.toHexString(id);
    }
}
