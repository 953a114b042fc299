package dev.cetera.client;

import dev.cetera.api.v3electionpb.CampaignRequest;
import dev.cetera.api.v3electionpb.ElectionGrpc;
import dev.cetera.api.v3electionpb.LeaderRequest;
import dev.cetera.api.v3electionpb.ProclaimRequest;
import dev.cetera.api.v3electionpb.ResignRequest;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The members' election service: they do the waiting. Blocking, as [KV] is.
public final class ElectionService {
    private final Calls calls;

    ElectionService(Calls calls) {
        this.calls = calls;
    }

    /// What proves that an election was won.
    ///
    /// @param revision at which the candidate's key was made
    public record LeaderKey(Key name, Key key, long revision, long lease) {}

    /// An election was won.
    public record CampaignResponse(Header header, LeaderKey leader) {}

    /// The leader's key and what it proclaims.
    public record LeaderResponse(Header header, KeyValue leader) {}

    /// It is done.
    public record DoneResponse(Header header) {}

    public Async async() {
        return new Async();
    }

    public ElectionService within(Duration timeout) {
        return new ElectionService(calls.within(timeout));
    }

    /// Waits until the election is won.
    ///
    /// @param lease the office goes when this does
    public CampaignResponse campaign(Key name, long lease, Value proclamation) {
        return Calls.await(async().campaign(name, lease, proclamation));
    }

    public DoneResponse proclaim(LeaderKey leader, Value proclamation) {
        return Calls.await(async().proclaim(leader, proclamation));
    }

    /// Refused with "election: no leader" if there is none.
    public LeaderResponse leader(Key name) {
        return Calls.await(async().leader(name));
    }

    public DoneResponse resign(LeaderKey leader) {
        return Calls.await(async().resign(leader));
    }

    /// Tells of the leader there is, and then of each new leader and proclamation, by one thread at a time.
    /// Goes on over other members when one fails. Of those that follow one another quickly some may be left
    /// out, never the last.
    public Observing observe(Key name, Consumer<LeaderResponse> listener) {
        return new LeaderStream(calls.untimed(), name, listener).begin();
    }

    /// The same with futures.
    public final class Async {
        private Async() {}

        public CompletableFuture<CampaignResponse> campaign(Key name, long lease, Value proclamation) {
            return calls.call(
                    ElectionGrpc.getCampaignMethod(),
                    CampaignRequest.newBuilder()
                            .setName(name.content())
                            .setLease(lease)
                            .setValue(proclamation.content())
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new CampaignResponse(
                            Protos.header(answer.getHeader()),
                            new LeaderKey(
                                    new Key(answer.getLeader().getName()),
                                    new Key(answer.getLeader().getKey()),
                                    answer.getLeader().getRev(),
                                    answer.getLeader().getLease())));
        }

        public CompletableFuture<DoneResponse> proclaim(LeaderKey leader, Value proclamation) {
            return calls.call(
                    ElectionGrpc.getProclaimMethod(),
                    ProclaimRequest.newBuilder()
                            .setLeader(message(leader))
                            .setValue(proclamation.content())
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<LeaderResponse> leader(Key name) {
            return calls.call(
                    ElectionGrpc.getLeaderMethod(),
                    LeaderRequest.newBuilder().setName(name.content()).build(),
                    Repeat.ALWAYS,
                    answer -> new LeaderResponse(Protos.header(answer.getHeader()), Protos.keyValue(answer.getKv())));
        }

        public CompletableFuture<DoneResponse> resign(LeaderKey leader) {
            return calls.call(
                    ElectionGrpc.getResignMethod(),
                    ResignRequest.newBuilder().setLeader(message(leader)).build(),
                    Repeat.ALWAYS,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }
    }

    private static dev.cetera.api.v3electionpb.LeaderKey message(LeaderKey leader) {
        return dev.cetera.api.v3electionpb.LeaderKey.newBuilder()
                .setName(leader.name().content())
                .setKey(leader.key().content())
                .setRev(leader.revision())
                .setLease(leader.lease())
                .build();
    }
}
