package dev.cetera.concurrency;

import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.v3electionpb.CampaignRequest;
import dev.cetera.api.v3electionpb.CampaignResponse;
import dev.cetera.api.v3electionpb.ElectionGrpc;
import dev.cetera.api.v3electionpb.LeaderKey;
import dev.cetera.api.v3electionpb.LeaderRequest;
import dev.cetera.api.v3electionpb.LeaderResponse;
import dev.cetera.api.v3electionpb.ProclaimRequest;
import dev.cetera.api.v3electionpb.ProclaimResponse;
import dev.cetera.api.v3electionpb.ResignRequest;
import dev.cetera.api.v3electionpb.ResignResponse;
import dev.cetera.concurrency.Candidacy.Existing;
import dev.cetera.concurrency.Candidacy.Wish;
import dev.cetera.concurrency.Candidacy.Won;
import dev.cetera.concurrency.Inner.Outcome;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/// `v3electionpb.Election`. Immutable.
final class ElectionService extends ElectionGrpc.ElectionImplBase {
    private static final String NOT_LEADER = "election: not leader";
    private static final String NO_LEADER = "election: no leader";
    private static final String NO_LEADER_KEY = "\"leader\" field must be provided";

    @Override
    public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> observer) {
        var calls = Inner.current();
        var client = new Client<>(observer);
        calls.lease(
                request.getLease(),
                new Outcome<>(
                        lease -> {
                            var wish = new Wish(
                                    request.getName(), lease, request.getValue(), Existing.REPLACE, NOT_LEADER);
                            client.stands(new Candidacy(
                                    calls,
                                    wish,
                                    new Outcome<>(won -> client.answer(elected(wish, won)), client::refuse)));
                        },
                        client::refuse));
    }

    private static CampaignResponse elected(Wish wish, Won won) {
        var key = LeaderKey.newBuilder()
                .setName(wish.name())
                .setKey(won.key())
                .setRev(won.revision())
                .setLease(wish.lease());
        return CampaignResponse.newBuilder()
                .setHeader(won.entered())
                .setLeader(key)
                .build();
    }

    @Override
    public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> observer) {
        var calls = Inner.current();
        var client = new Client<>(observer);
        if (!request.hasLeader()) {
            client.refuse(Status.UNKNOWN.withDescription(NO_LEADER_KEY));
            return;
        }
        var leader = request.getLeader();
        calls.lease(leader.getLease(), new Outcome<>(lease -> proclaim(calls, client, request, lease), client::refuse));
    }

    private static void proclaim(Inner calls, Client<ProclaimResponse> client, ProclaimRequest request, long lease) {
        var leader = request.getLeader();
        var txn = TxnRequest.newBuilder()
                .addCompare(Keys.createdAt(leader.getKey(), leader.getRev()))
                .addSuccess(Keys.put(leader.getKey(), request.getValue(), lease))
                .build();
        calls.txn(
                txn,
                new Outcome<>(
                        done -> {
                            if (done.getSucceeded()) {
                                client.answer(ProclaimResponse.newBuilder()
                                        .setHeader(done.getHeader())
                                        .build());
                            } else {
                                client.refuse(Status.UNKNOWN.withDescription(NOT_LEADER));
                            }
                        },
                        client::refuse));
    }

    @Override
    public void leader(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
        var client = new Client<>(observer);
        Inner.current()
                .range(Keys.first(request.getName()), new Outcome<>(found -> answer(client, found), client::refuse));
    }

    private static void answer(Client<LeaderResponse> client, RangeResponse found) {
        if (found.getKvsCount() == 0) {
            client.refuse(Status.UNKNOWN.withDescription(NO_LEADER));
        } else {
            client.answer(LeaderResponse.newBuilder()
                    .setHeader(found.getHeader())
                    .setKv(found.getKvs(0))
                    .build());
        }
    }

    @Override
    public void observe(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
        new Observation(Inner.current(), request.getName(), (ServerCallStreamObserver<LeaderResponse>) observer)
                .begin();
    }

    @Override
    public void resign(ResignRequest request, StreamObserver<ResignResponse> observer) {
        var client = new Client<>(observer);
        if (!request.hasLeader()) {
            client.refuse(Status.UNKNOWN.withDescription(NO_LEADER_KEY));
            return;
        }
        var leader = request.getLeader();
        var txn = TxnRequest.newBuilder()
                .addCompare(Keys.createdAt(leader.getKey(), leader.getRev()))
                .addSuccess(Keys.delete(leader.getKey()))
                .build();
        Inner.current()
                .txn(
                        txn,
                        new Outcome<>(
                                done -> client.answer(ResignResponse.newBuilder()
                                        .setHeader(done.getHeader())
                                        .build()),
                                client::refuse));
    }
}
