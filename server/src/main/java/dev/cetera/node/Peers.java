package dev.cetera.node;

import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.cluster.Member;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Questions to other members beside raft's messages. Each is asked at the member's peer URLs in order until
/// one answers, and fails with a [PeerException] (text for the log) when none does. Nothing blocks; every
/// future completes within a bounded time, from any thread.
///
/// Shared: any thread may call any method.
public interface Peers {
    /// What a member says of itself.
    ///
    /// @param server  its release, such as `3.3.27`
    /// @param cluster the cluster's version, such as `3.3.0`, or `not_decided`
    /// @param program `cetera`; empty for one of etcd, which does not say
    record Versions(String server, String cluster, String program) {
        /// Of a member of etcd.
        public Versions(String server, String cluster) {
            this(server, cluster, "");
        }

        /// Whether it takes a password that is hashed already.
        boolean takesHashes() {
            return program.equals("cetera");
        }
    }

    /// A running cluster as one of its members describes it.
    record ClusterView(long clusterId, List<Member> members) {}

    CompletableFuture<Versions> versions(Member member);

    /// Asked before this member has an identity of its own.
    CompletableFuture<ClusterView> members(String peerUrl);

    /// Renews a lease with the leader: the seconds until it ends, 0 for a lease that there is not.
    CompletableFuture<Long> renew(Member leader, long lease);

    /// What the leader knows of a lease: TTL -1 for a lease that there is not.
    CompletableFuture<LeaseTimeToLiveResponse> timeToLive(Member leader, LeaseTimeToLiveRequest request);

    /// The hash of a member's keys, with the member's current revision in the header. Refusals are `COMPACTED`
    /// and `FUTURE_REVISION`.
    ///
    /// @param revision 0 for the member's current one
    CompletableFuture<HashKVResponse> hashKv(Member member, long revision);

    /// Asks the leader to make a voter of a learner: the members after that. Refusals are `MEMBER_NOT_FOUND`,
    /// `MEMBER_NOT_LEARNER` and `LEARNER_NOT_READY`.
    CompletableFuture<List<Member>> promote(Member leader, long learner);

    /// Nobody to ask.
    Peers NONE = new Peers() {
        private <T> CompletableFuture<T> nobody() {
            return CompletableFuture.failedFuture(new PeerException("there is no other member"));
        }

        @Override
        public CompletableFuture<Versions> versions(Member member) {
            return nobody();
        }

        @Override
        public CompletableFuture<ClusterView> members(String peerUrl) {
            return nobody();
        }

        @Override
        public CompletableFuture<Long> renew(Member leader, long lease) {
            return nobody();
        }

        @Override
        public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(Member leader, LeaseTimeToLiveRequest request) {
            return nobody();
        }

        @Override
        public CompletableFuture<HashKVResponse> hashKv(Member member, long revision) {
            return nobody();
        }

        @Override
        public CompletableFuture<List<Member>> promote(Member leader, long learner) {
            return nobody();
        }
    };
}
