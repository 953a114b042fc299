package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.InputStream;
import java.util.List;

/// `etcdserverpb.Watch`. Requests are protobuf messages; responses leave as the bytes that the hub has
/// prepared. Immutable.
public final class WatchService {
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private static final MethodDescriptor<WatchRequest, WatchMessage> WATCH = WatchGrpc.getWatchMethod().toBuilder(
                    WatchGrpc.getWatchMethod().getRequestMarshaller(), new Bytes())
            .build();

    private final WatchTurns watching;
    private final WatchMember member;

    public WatchService(WatchTurns watching, WatchMember member) {
        this.watching = watching;
        this.member = member;
    }

    /// The service, for a server whose executor is direct.
    public ServerServiceDefinition definition() {
        return Methods.definition(
                WatchGrpc.getServiceDescriptor(), List.of(ServerMethodDefinition.create(WATCH, this::begin)));
    }

    private ServerCall.Listener<WatchRequest> begin(ServerCall<WatchRequest, WatchMessage> call, Metadata metadata) {
        boolean needsLeader = "true".equals(metadata.get(HAS_LEADER));
        if (watching.isStopping()) {
            return refuse(call, Refusal.STOPPED.status());
        }
        if (needsLeader && !member.hasLeader()) {
            return refuse(call, Refusal.NO_LEADER.status());
        }
        var watch = new WatchCall(call, watching, needsLeader ? WatchCall.Leader.NEEDED : WatchCall.Leader.NOT_NEEDED);
        watch.begin();
        return watch;
    }

    private static ServerCall.Listener<WatchRequest> refuse(ServerCall<WatchRequest, WatchMessage> call, Status why) {
        call.close(why, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<WatchMessage> {
        @Override
        public InputStream stream(WatchMessage message) {
            return message.stream();
        }

        @Override
        public WatchMessage parse(InputStream stream) {
            throw new IllegalStateException("a server does not receive watch responses");
        }
    }
}
