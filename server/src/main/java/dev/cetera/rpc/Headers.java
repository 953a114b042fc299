package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.node.Node;

/// Says in each answer who gave it and at which revision. Shared.
record Headers(Node node) {
    /// @param revision of the operation; 0 stands for the store's current one
    ResponseHeader at(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(node.clusterId())
                .setMemberId(node.memberId())
                .setRaftTerm(node.term())
                .setRevision(revision != 0 ? revision : node.revision())
                .build();
    }

    ResponseHeader complete(ResponseHeader partial) {
        return at(partial.getRevision());
    }

    /// A header that tells no revision: membership has none.
    ResponseHeader withoutRevision() {
        return ResponseHeader.newBuilder()
                .setClusterId(node.clusterId())
                .setMemberId(node.memberId())
                .setRaftTerm(node.term())
                .build();
    }
}
