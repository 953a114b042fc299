package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.WatchCancelRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchProgressRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// One watch call, message by message.
final class WatchTestClient {
    enum Reading {
        AT_ONCE,
        WHEN_TOLD
    }

    private static final long PATIENCE_SECONDS = 20;

    private final ClientCall<WatchRequest, WatchResponse> call;
    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private volatile Reading reading;

    WatchTestClient(Channel channel, Metadata metadata, Reading reading) {
        this.reading = reading;
        this.call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(WatchResponse message) {
                        received.add(message);
                        if (WatchTestClient.this.reading == Reading.AT_ONCE) {
                            call.request(1);
                        }
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        received.add(status);
                    }
                },
                metadata);
        if (reading == Reading.AT_ONCE) {
            call.request(1);
        }
    }

    /// Takes one more message.
    void read() {
        call.request(1);
    }

    /// From now on takes all messages as they come.
    void readOn() {
        reading = Reading.AT_ONCE;
        call.request(1);
    }

    void send(WatchRequest request) {
        call.sendMessage(request);
    }

    void create(WatchCreateRequest.Builder request) {
        send(WatchRequest.newBuilder().setCreateRequest(request).build());
    }

    void cancel(long id) {
        send(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                .build());
    }

    void progress() {
        send(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
    }

    void halfClose() {
        call.halfClose();
    }

    void hangUp() {
        call.cancel("enough", null);
    }

    WatchResponse next() throws InterruptedException {
        var message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message instanceof WatchResponse response) {
            return response;
        }
        throw new AssertionError("a response was due, not " + message);
    }

    Status end() throws InterruptedException {
        var message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message instanceof Status status) {
            return status;
        }
        throw new AssertionError("the end was due, not " + message);
    }
}
