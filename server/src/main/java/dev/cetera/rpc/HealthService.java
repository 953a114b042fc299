package dev.cetera.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/// `grpc.health.v1.Health`, as etcd answers it: the server as a whole (the empty name) is always serving,
/// other names are unknown, which who watches one is told for as long as it likes. Two messages of one field
/// each need no generated code. Shared.
final class HealthService {
    private static final String NAME = "grpc.health.v1.Health";
    /// `status: SERVING`
    private static final byte[] SERVING = {1 << 3, 1};
    /// `status: SERVICE_UNKNOWN`
    private static final byte[] UNKNOWN = {1 << 3, 3};

    private static final int SERVICE_TAG = WireFormat.FieldType.STRING.getWireType() | 1 << 3;
    private static final int MAX_REQUEST = 4096;

    private static final MethodDescriptor<InputStream, InputStream> CHECK = method("Check", MethodType.UNARY);
    private static final MethodDescriptor<InputStream, InputStream> WATCH =
            method("Watch", MethodType.SERVER_STREAMING);

    private enum After {
        CLOSE,
        STAY_OPEN
    }

    private HealthService() {}

    static ServiceDescriptor descriptor() {
        return ServiceDescriptor.newBuilder(NAME)
                .setSchemaDescriptor(HealthGrpc.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(CHECK)
                .addMethod(WATCH)
                .build();
    }

    static ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(descriptor())
                .addMethod(CHECK, handler(After.CLOSE))
                .addMethod(WATCH, handler(After.STAY_OPEN))
                .build();
    }

    private static MethodDescriptor<InputStream, InputStream> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(Incoming.BYTES, Incoming.BYTES)
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
                .build();
    }

    private static ServerCallHandler<InputStream, InputStream> handler(After after) {
        return (call, _) -> {
            call.request(1);
            return new ServerCall.Listener<>() {
                @Override
                public void onMessage(InputStream message) {
                    answer(call, message, after);
                }
            };
        };
    }

    private static void answer(ServerCall<InputStream, InputStream> call, InputStream message, After after) {
        boolean known;
        try {
            known = service(message).isEmpty();
        } catch (IOException malformed) {
            call.close(Status.INTERNAL.withDescription("grpc: error unmarshalling request"), new Metadata());
            return;
        }
        if (!known && after == After.CLOSE) {
            call.close(Status.NOT_FOUND.withDescription("unknown service"), new Metadata());
            return;
        }
        call.sendHeaders(new Metadata());
        call.sendMessage(new ByteArrayInputStream(known ? SERVING : UNKNOWN));
        if (after == After.CLOSE) {
            call.close(Status.OK, new Metadata());
        }
    }

    private static String service(InputStream message) throws IOException {
        var in = CodedInputStream.newInstance(message.readNBytes(MAX_REQUEST));
        var service = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == SERVICE_TAG) {
                service = in.readStringRequireUtf8();
            } else {
                in.skipField(tag);
            }
        }
        return service;
    }
}
