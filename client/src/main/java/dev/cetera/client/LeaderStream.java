package dev.cetera.client;

import dev.cetera.api.v3electionpb.ElectionGrpc;
import dev.cetera.api.v3electionpb.LeaderRequest;
import dev.cetera.api.v3electionpb.LeaderResponse;
import dev.cetera.client.transport.CallFailure;
import dev.cetera.client.transport.StreamCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The leaders of one election, over one stream after another as long as only the way to members fails. A new
/// stream begins with the leader that there is, who isn't told of again.
///
/// Confined to its serial executor, but for `closed`.
final class LeaderStream implements Observing, StreamCall.Listener<LeaderRequest, LeaderResponse> {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Calls calls;
    private final Key name;
    private final Consumer<ElectionService.LeaderResponse> listener;
    private final Serial serial;
    private final CompletableFuture<EtcdException> ended = new CompletableFuture<>();
    private volatile boolean closed;
    private @Nullable StreamCall<LeaderRequest, LeaderResponse> stream;
    private @Nullable KeyValue last;

    LeaderStream(Calls calls, Key name, Consumer<ElectionService.LeaderResponse> listener) {
        this.calls = calls;
        this.name = name;
        this.listener = listener;
        this.serial = new Serial(calls.transport().executor());
    }

    LeaderStream begin() {
        serial.execute(() -> open(null));
        return this;
    }

    @Override
    public CompletableFuture<EtcdException> ended() {
        return ended.copy();
    }

    @Override
    public void close() {
        closed = true;
        serial.execute(() -> {
            if (stream != null) {
                stream.cancel();
            }
        });
    }

    private void open(@Nullable StreamCall<?, ?> failed) {
        if (!closed) {
            stream = calls.open(ElectionGrpc.getObserveMethod(), failed, this);
        }
    }

    @Override
    public void opened(StreamCall<LeaderRequest, LeaderResponse> opened, String endpoint) {
        opened.request(1);
        opened.send(LeaderRequest.newBuilder().setName(name.content()).build());
        opened.halfClose();
    }

    @Override
    public void message(StreamCall<LeaderRequest, LeaderResponse> from, LeaderResponse answer) {
        serial.execute(() -> {
            from.request(1);
            var leader = Protos.keyValue(answer.getKv());
            if (!closed && !leader.equals(last)) {
                last = leader;
                listener.accept(new ElectionService.LeaderResponse(Protos.header(answer.getHeader()), leader));
            }
        });
    }

    @Override
    public void closed(StreamCall<LeaderRequest, LeaderResponse> gone, @Nullable CallFailure failure) {
        var why = failure == null ? null : EtcdException.from(failure);
        boolean wayFailed = why == null || why.code() == Code.UNAVAILABLE || why.code() == Code.INTERNAL;
        if (closed) {
            return;
        }
        if (!wayFailed) {
            ended.complete(why);
        } else if (calls.transport().schedule(() -> serial.execute(() -> open(gone)), PAUSE_NANOS) == null) {
            ended.complete(new ClosedException(EtcdException.Fate.NOT_APPLIED));
        }
    }
}
