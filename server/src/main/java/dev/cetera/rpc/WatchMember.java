package dev.cetera.rpc;

import dev.cetera.node.Node;

/// What watching needs to know of the member it runs in. Any thread may call; plain reads of memory.
public interface WatchMember {
    /// For response headers.
    long clusterId();

    /// For response headers.
    long memberId();

    /// The raft term, for response headers.
    long term();

    /// Whether some member is known to lead.
    boolean hasLeader();

    static WatchMember of(Node node) {
        return new WatchMember() {
            @Override
            public long clusterId() {
                return node.clusterId();
            }

            @Override
            public long memberId() {
                return node.memberId();
            }

            @Override
            public long term() {
                return node.term();
            }

            @Override
            public boolean hasLeader() {
                return node.hasLeader();
            }
        };
    }
}
