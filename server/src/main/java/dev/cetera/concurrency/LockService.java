package dev.cetera.concurrency;

import com.google.protobuf.ByteString;
import dev.cetera.api.v3lockpb.LockGrpc;
import dev.cetera.api.v3lockpb.LockRequest;
import dev.cetera.api.v3lockpb.LockResponse;
import dev.cetera.api.v3lockpb.UnlockRequest;
import dev.cetera.api.v3lockpb.UnlockResponse;
import dev.cetera.concurrency.Candidacy.Existing;
import dev.cetera.concurrency.Candidacy.Wish;
import dev.cetera.concurrency.Inner.Outcome;
import io.grpc.stub.StreamObserver;

/// `v3lockpb.Lock`. Immutable.
final class LockService extends LockGrpc.LockImplBase {
    private static final String LOST = "mutex: session is expired";

    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
        var calls = Inner.current();
        var client = new Client<>(observer);
        calls.lease(
                request.getLease(),
                new Outcome<>(
                        lease -> {
                            var wish = new Wish(request.getName(), lease, ByteString.EMPTY, Existing.KEEP, LOST);
                            client.stands(new Candidacy(
                                    calls, wish, new Outcome<>(won -> client.answer(held(won)), client::refuse)));
                        },
                        client::refuse));
    }

    private static LockResponse held(Candidacy.Won won) {
        return LockResponse.newBuilder()
                .setHeader(won.checked())
                .setKey(won.key())
                .build();
    }

    @Override
    public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> observer) {
        var client = new Client<>(observer);
        Inner.current()
                .delete(
                        request.getKey(),
                        new Outcome<>(
                                done -> client.answer(UnlockResponse.newBuilder()
                                        .setHeader(done.getHeader())
                                        .build()),
                                client::refuse));
    }
}
