package dev.cetera.peer;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.http.Transport;
import dev.cetera.node.PeerException;
import dev.cetera.tls.ClientTls;
import dev.cetera.tls.TlsException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks members for the hash of their keys. Those of 3.4.4 and later have a page for it, older ones answer by
/// gRPC on the same address; the way that a member took is tried first the next time, and the other one when
/// it is not there any more, for members are exchanged for newer ones.
///
/// Shared.
final class HashCalls implements AutoCloseable {
    private static final int MAX_ANSWER = 64 * 1024;

    /// Addresses that are remembered; a cluster has a handful.
    private static final int MAX_REMEMBERED = 1000;

    private enum Way {
        HTTP,
        GRPC;

        Way other() {
            return this == HTTP ? GRPC : HTTP;
        }
    }

    private final Transport transport;
    private final ClientTls tls;
    private final HttpCalls http;
    private final long nanos;
    private final Map<String, Way> ways = new ConcurrentHashMap<>();
    private final Set<ManagedChannel> channels = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @param nanos for one call
    HashCalls(Transport transport, ClientTls tls, HttpCalls http, long nanos) {
        this.transport = transport;
        this.tls = tls;
        this.http = http;
        this.nanos = nanos;
    }

    /// @param clusterId of the asker, 0 when it is not known
    CompletableFuture<HashKVResponse> ask(String url, long revision, long clusterId) {
        var first = ways.getOrDefault(url, Way.HTTP);
        return by(first, url, revision, clusterId).exceptionallyCompose(thrown -> {
            var failure = PeerCalls.peerException(thrown);
            if (!(failure.getCause() instanceof NoSuchWay)) {
                return CompletableFuture.failedFuture(failure);
            }
            return by(first.other(), url, revision, clusterId);
        });
    }

    private CompletableFuture<HashKVResponse> by(Way way, String url, long revision, long clusterId) {
        var asked = switch (way) {
            case HTTP -> byHttp(url, revision, clusterId);
            case GRPC -> byGrpc(url, revision);
        };
        return asked.whenComplete((_, thrown) -> {
            boolean answered = thrown == null || PeerCalls.peerException(thrown).refusal() != null;
            if (answered && (ways.size() < MAX_REMEMBERED || ways.containsKey(url))) {
                ways.put(url, way);
            }
        });
    }

    /// The member knows nothing of this way to ask.
    private static final class NoSuchWay extends Exception {
        private static final long serialVersionUID = 1;

        NoSuchWay(String message) {
            super(message);
        }

        PeerException failure() {
            return new PeerException(String.valueOf(getMessage()), this);
        }
    }

    // ---- by the page ----

    private CompletableFuture<HashKVResponse> byHttp(String url, long revision, long clusterId) {
        var body = ByteString.copyFromUtf8(revision == 0 ? "{}" : "{\"revision\":" + revision + "}");
        var call = new HttpCalls.Call(
                HttpMethod.GET, url, "/members/hashkv", "application/json", body, clusterId, MAX_ANSWER, nanos);
        return http.ask(call).thenCompose(answered -> {
            try {
                return CompletableFuture.completedFuture(read(answered));
            } catch (PeerException failure) {
                return CompletableFuture.failedFuture(failure);
            }
        });
    }

    private static HashKVResponse read(HttpCalls.Answered answered) throws PeerException {
        var text = answered.text();
        switch (answered.status()) {
            case 200 -> {
                return read(text);
            }
            case 404 -> throw new NoSuchWay("unknown error: " + PeerCalls.shown(answered)).failure();
            case 400 -> {
                for (var why : new Refusal[] {Refusal.COMPACTED, Refusal.FUTURE_REVISION}) {
                    if (text.contains(why.text().substring("etcdserver: ".length()))) {
                        throw new PeerException(why.text(), why);
                    }
                }
            }
            case 412 -> {
                if (text.contains("cluster ID mismatch")) {
                    throw new PeerException("cluster ID mismatch");
                }
            }
            default -> {}
        }
        throw new PeerException("unknown error: " + PeerCalls.shown(answered));
    }

    private static HashKVResponse read(String json) throws PeerException {
        try {
            var object = JsonParser.parseString(json).getAsJsonObject();
            var header = object.getAsJsonObject("header");
            long revision = header == null ? 0 : number(header.get("revision"));
            return HashKVResponse.newBuilder()
                    .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                    .setHash((int) number(object.get("hash")))
                    .setCompactRevision(number(object.get("compact_revision")))
                    .build();
        } catch (JsonParseException
                | IllegalStateException
                | ClassCastException
                | NumberFormatException
                | UnsupportedOperationException malformed) {
            throw new PeerException("not a hash: " + malformed.getMessage());
        }
    }

    private static long number(@Nullable JsonElement field) {
        return field == null || field.isJsonNull() ? 0 : Long.parseLong(field.getAsString());
    }

    // ---- by gRPC ----

    /// A connection for one call: a round comes every few minutes at most.
    private CompletableFuture<HashKVResponse> byGrpc(String url, long revision) {
        var answer = new CompletableFuture<HashKVResponse>();
        if (closed) {
            return CompletableFuture.failedFuture(new PeerException("the member is stopping"));
        }
        ManagedChannel channel;
        try {
            channel = channel(url);
        } catch (PeerException | TlsException failed) {
            return CompletableFuture.failedFuture(
                    failed instanceof PeerException known
                            ? known
                            : new PeerException(String.valueOf(failed.getMessage())));
        }
        channels.add(channel);
        var _ = answer.whenComplete((_, _) -> {
            channels.remove(channel);
            channel.shutdownNow();
        });
        MaintenanceGrpc.newStub(channel)
                .withDeadlineAfter(nanos, TimeUnit.NANOSECONDS)
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build(), new StreamObserver<HashKVResponse>() {
                    @Override
                    public void onNext(HashKVResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable thrown) {
                        answer.completeExceptionally(failure(thrown));
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new PeerException("no answer"));
                    }
                });
        return answer;
    }

    private ManagedChannel channel(String text) throws PeerException, TlsException {
        var url = PeerUrl.parse(text);
        if (url == null) {
            throw new PeerException("parse " + text + ": invalid URL");
        }
        var builder = url.isSocketFile()
                ? NettyChannelBuilder.forAddress(transport.file(url.address()))
                        .channelType(transport.outgoingFileType())
                : NettyChannelBuilder.forAddress(url.host(), url.port()).channelType(transport.outgoingType());
        if (url.isSecure()) {
            builder.sslContext(tls.forGrpc()).overrideAuthority(tls.nameOf(url.host()));
        } else {
            builder.usePlaintext();
        }
        return builder.eventLoopGroup(transport.workers())
                .directExecutor()
                .maxInboundMessageSize(MAX_ANSWER)
                .build();
    }

    private static PeerException failure(Throwable thrown) {
        var status =
                thrown instanceof StatusRuntimeException refused ? refused.getStatus() : Status.fromThrowable(thrown);
        var text = String.valueOf(status.getDescription());
        if (status.getCode() == Code.UNIMPLEMENTED) {
            return new NoSuchWay(text).failure();
        }
        for (var why : new Refusal[] {Refusal.COMPACTED, Refusal.FUTURE_REVISION}) {
            if (text.equals(why.text())) {
                return new PeerException(text, why);
            }
        }
        return new PeerException(status.getCode() == Code.DEADLINE_EXCEEDED ? "context deadline exceeded" : text);
    }

    @Override
    public void close() {
        closed = true;
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
