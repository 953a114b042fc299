package dev.cetera.client;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.SnapshotResponse;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A member that does what a test tells it: refuses, says nothing, or answers. Its watch streams are in the
/// test's hands.
final class FakeMember implements AutoCloseable {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /// What the next requests are refused with, in order.
    final Queue<Status> refusals = new ConcurrentLinkedQueue<>();
    /// All requests but those of the health service, by method.
    final List<String> asked = new CopyOnWriteArrayList<>();
    /// The connections on which a method was asked for, by their other ends.
    final Map<String, Set<SocketAddress>> callers = new ConcurrentHashMap<>();
    final BlockingQueue<WatchStream> watchStreams = new LinkedBlockingQueue<>();
    final AtomicBoolean silent = new AtomicBoolean();
    /// That were made to it, until now.
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger logins = new AtomicInteger();
    final AtomicLong keepAliveTtl = new AtomicLong(1);
    /// Leases that are gone.
    final Set<Long> gone = ConcurrentHashMap.newKeySet();
    /// Answers to puts wait for it.
    final CountDownLatch mayAnswerPuts = new CountDownLatch(1);
    final AtomicBoolean slowPuts = new AtomicBoolean();
    /// The only token that is good, if there is one.
    volatile @Nullable String goodToken;

    volatile String version = "3.3.27";
    volatile ByteString value = ByteString.EMPTY;
    final long id;

    private final Server server;
    private final boolean secure;

    FakeMember(long id) throws IOException {
        this(id, 0);
    }

    FakeMember(long id, int port) throws IOException {
        this(id, port, InsecureServerCredentials.create());
    }

    FakeMember(long id, int port, ServerCredentials credentials) throws IOException {
        this(
                id,
                !(credentials instanceof InsecureServerCredentials),
                NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials));
    }

    FakeMember(long id, boolean secure, NettyServerBuilder where) throws IOException {
        this.id = id;
        this.secure = secure;
        server = where.maxInboundMessageSize(16 << 20)
                .intercept(new Gate())
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        connections.incrementAndGet();
                        return attributes;
                    }
                })
                .addService(new Keys())
                .addService(new Watches())
                .addService(new Leases())
                .addService(new Logins())
                .addService(new Snapshots())
                .addService(health())
                .build()
                .start();
    }

    String endpoint() {
        return (secure ? "https" : "http") + "://127.0.0.1:" + port();
    }

    int port() {
        return server.getPort();
    }

    int count(String method) {
        return (int) asked.stream().filter(method::equals).count();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(1)
                .setMemberId(id)
                .setRevision(revision)
                .setRaftTerm(2)
                .build();
    }

    /// Knows no more of the health service than that there is none; but when it is silent it doesn't say even
    /// that.
    private static ServerServiceDefinition health() {
        return ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(
                        MethodDescriptor.<WatchRequest, WatchRequest>newBuilder()
                                .setType(MethodDescriptor.MethodType.UNARY)
                                .setFullMethodName("grpc.health.v1.Health/Check")
                                .setRequestMarshaller(ProtoUtils.marshaller(WatchRequest.getDefaultInstance()))
                                .setResponseMarshaller(ProtoUtils.marshaller(WatchRequest.getDefaultInstance()))
                                .build(),
                        (call, headers) -> {
                            call.close(Status.UNIMPLEMENTED, new Metadata());
                            return new ServerCall.Listener<>() {};
                        })
                .build();
    }

    /// Counts, refuses, or leaves requests without an answer.
    private final class Gate implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            var method = call.getMethodDescriptor().getBareMethodName();
            if (!"Check".equals(method)) {
                callers.computeIfAbsent(String.valueOf(method), any -> ConcurrentHashMap.newKeySet())
                        .add(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
                asked.add(String.valueOf(method));
            }
            if (silent.get()) {
                return new ServerCall.Listener<>() {};
            }
            var token = goodToken;
            if (token != null && !"Authenticate".equals(method) && !token.equals(headers.get(TOKEN))) {
                call.close(Refusal.INVALID_TOKEN.status(), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            var refusal = refusals.poll();
            if (refusal != null) {
                call.close(refusal, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    private final class Keys extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
            answer.onNext(RangeResponse.newBuilder()
                    .setHeader(header(7))
                    .setCount(1)
                    .addKvs(dev.cetera.api.mvccpb.KeyValue.newBuilder()
                            .setKey(request.getKey())
                            .setValue(value))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void put(PutRequest request, StreamObserver<dev.cetera.api.etcdserverpb.PutResponse> answer) {
            if (slowPuts.get()) {
                try {
                    mayAnswerPuts.await();
                } catch (InterruptedException e) {
                    return; // the member is closed
                }
            }
            answer.onNext(dev.cetera.api.etcdserverpb.PutResponse.newBuilder()
                    .setHeader(header(8))
                    .build());
            answer.onCompleted();
        }
    }

    /// One watch stream, in the test's hands.
    static final class WatchStream {
        final BlockingQueue<WatchRequest> requests = new LinkedBlockingQueue<>();
        private final StreamObserver<WatchResponse> answers;

        WatchStream(StreamObserver<WatchResponse> answers) {
            this.answers = answers;
        }

        void send(WatchResponse answer) {
            answers.onNext(answer);
        }

        void fail(Status status) {
            answers.onError(status.asRuntimeException());
        }
    }

    private final class Watches extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
            var stream = new WatchStream(answers);
            watchStreams.add(stream);
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    stream.requests.add(request);
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    private final class Leases extends LeaseGrpc.LeaseImplBase {
        @Override
        public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> answer) {
            answer.onNext(LeaseGrantResponse.newBuilder()
                    .setHeader(header(9))
                    .setID(77)
                    .setTTL(request.getTTL())
                    .build());
            answer.onCompleted();
        }

        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> answers) {
            return new StreamObserver<>() {
                private final ArrayDeque<Long> renewed = new ArrayDeque<>();

                @Override
                public void onNext(LeaseKeepAliveRequest request) {
                    if (silent.get()) {
                        return;
                    }
                    asked.add("renewal");
                    asked.add("renewal of " + request.getID());
                    renewed.add(request.getID());
                    answers.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setHeader(header(9))
                            .setID(renewed.remove())
                            .setTTL(gone.contains(request.getID()) ? 0 : keepAliveTtl.get())
                            .build());
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    private final class Logins extends AuthGrpc.AuthImplBase {
        @Override
        public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> answer) {
            logins.incrementAndGet();
            var token = goodToken;
            if (token == null) {
                answer.onError(Refusal.AUTH_NOT_ENABLED.status().asRuntimeException());
            } else if (!request.getPassword().equals("right")) {
                answer.onError(Refusal.AUTH_FAILED.status().asRuntimeException());
            } else {
                answer.onNext(AuthenticateResponse.newBuilder().setToken(token).build());
                answer.onCompleted();
            }
        }
    }

    /// Says its version; of a snapshot it sends one piece and then nothing more.
    private final class Snapshots extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
            answer.onNext(StatusResponse.newBuilder()
                    .setHeader(header(7))
                    .setVersion(version)
                    .build());
            answer.onCompleted();
        }

        @Override
        public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> answers) {
            answers.onNext(SnapshotResponse.newBuilder()
                    .setRemainingBytes(4)
                    .setBlob(ByteString.copyFromUtf8("half"))
                    .build());
        }
    }
}
