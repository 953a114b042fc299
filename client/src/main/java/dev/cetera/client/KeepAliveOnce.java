package dev.cetera.client;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.client.transport.CallFailure;
import dev.cetera.client.transport.StreamCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One renewal, over a stream of its own, asked again of another member as long as only the way there fails.
final class KeepAliveOnce implements StreamCall.Listener<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
    private static final int MAX_ATTEMPTS = 100;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private final Calls calls;
    private final long id;
    private final long beganNanos = System.nanoTime();
    private final CompletableFuture<Lease.KeepAliveResponse> result = new CompletableFuture<>();
    private volatile @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream;
    private int attempts;

    KeepAliveOnce(Calls calls, long id) {
        this.calls = calls;
        this.id = id;
    }

    CompletableFuture<Lease.KeepAliveResponse> start() {
        open(null);
        var unused = result.whenComplete((answer, failure) -> {
            var running = stream;
            if (running != null) {
                running.cancel();
            }
        });
        return result;
    }

    private void open(@Nullable StreamCall<?, ?> failed) {
        attempts++;
        var left = calls;
        var timeout = calls.settings().timeout();
        if (timeout != null) {
            var rest = timeout.minusNanos(System.nanoTime() - beganNanos);
            if (rest.isNegative() || rest.isZero()) {
                result.completeExceptionally(new DeadlineException(EtcdException.Fate.UNKNOWN));
                return;
            }
            left = calls.within(rest);
        }
        stream = left.open(LeaseGrpc.getLeaseKeepAliveMethod(), failed, this);
    }

    @Override
    public void opened(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> opened, String endpoint) {
        opened.request(1);
        opened.send(LeaseKeepAliveRequest.newBuilder().setID(id).build());
    }

    @Override
    public void message(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> from, LeaseKeepAliveResponse answer) {
        if (answer.getTTL() <= 0) {
            result.completeExceptionally(new RefusedException(Refusal.LEASE_NOT_FOUND));
        } else {
            result.complete(
                    new Lease.KeepAliveResponse(Protos.header(answer.getHeader()), answer.getID(), answer.getTTL()));
        }
    }

    @Override
    public void closed(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> gone, @Nullable CallFailure failure) {
        if (result.isDone()) {
            return;
        }
        var why = failure == null
                ? new ConnectionException("the member ended the stream", EtcdException.Fate.UNKNOWN)
                : EtcdException.from(failure);
        boolean wayFailed = why.code() == Code.UNAVAILABLE || why.code() == Code.INTERNAL;
        if (!wayFailed || attempts >= MAX_ATTEMPTS) {
            result.completeExceptionally(why);
        } else if (calls.transport().schedule(() -> open(gone), PAUSE_NANOS) == null) {
            result.completeExceptionally(new ClosedException(EtcdException.Fate.UNKNOWN));
        }
    }
}
