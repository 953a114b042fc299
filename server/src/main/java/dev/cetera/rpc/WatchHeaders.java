package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.ResponseHeader;

/// Encoded response headers. The last one is kept, because a revision's events go to many watchers one after
/// the other. Confined to the "watch" thread.
final class WatchHeaders {
    private final WatchMember member;
    private long revision = -1;
    private long term = -1;
    private byte[] encoded = {};

    WatchHeaders(WatchMember member) {
        this.member = member;
    }

    byte[] at(long wantedRevision) {
        long currentTerm = member.term();
        if (wantedRevision != revision || currentTerm != term) {
            revision = wantedRevision;
            term = currentTerm;
            encoded = ResponseHeader.newBuilder()
                    .setClusterId(member.clusterId())
                    .setMemberId(member.memberId())
                    .setRevision(wantedRevision)
                    .setRaftTerm(currentTerm)
                    .build()
                    .toByteArray();
        }
        return encoded;
    }
}
