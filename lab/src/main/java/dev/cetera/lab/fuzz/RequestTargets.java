package dev.cetera.lab.fuzz;

import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.lab.fuzz.FuzzTarget.Budget;
import dev.cetera.metrics.Metrics;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What clients ask by gRPC: the services take the messages, and what they let through is applied.
final class RequestTargets {
    private static final RpcLimits LIMITS = new RpcLimits(128, 1 << 20);
    private static final String KV = "etcdserverpb.KV/";
    private static final String LEASE = "etcdserverpb.Lease/";

    private RequestTargets() {}

    /// Calls of methods by name, one after the other, on one member; what they leave must come back after a
    /// restart.
    static FuzzTarget requests() {
        var requests = StateTargets.requests();
        var range = RangeRequest.newBuilder()
                .setKey(requests.get(2).getPut().getKey())
                .setLimit(3)
                .setKeysOnly(true)
                .setSortOrder(RangeRequest.SortOrder.DESCEND)
                .setSortTarget(RangeRequest.SortTarget.MOD)
                .setMaxCreateRevision(9)
                .build();
        var seed = Bundle.of(
                        LEASE + "LeaseGrant",
                        requests.getFirst().getLeaseGrant().toByteArray())
                .and(KV + "Put", requests.get(2).getPut().toByteArray())
                .and(KV + "Txn", requests.get(4).getTxn().toByteArray())
                .and(KV + "Range", range.toByteArray())
                .and(KV + "DeleteRange", requests.get(5).getDeleteRange().toByteArray())
                .and(KV + "Compact", requests.get(7).getCompaction().toByteArray())
                .and(
                        "etcdserverpb.Maintenance/Alarm",
                        requests.get(6).getAlarm().toByteArray())
                .and(
                        "etcdserverpb.Cluster/MemberAdd",
                        MemberAddRequest.newBuilder()
                                .addPeerURLs("http://h:1")
                                .build()
                                .toByteArray())
                .and(LEASE + "LeaseKeepAlive", new byte[] {8, 7})
                .and(LEASE + "LeaseTimeToLive", new byte[] {8, 7, 16, 1})
                .and(LEASE + "LeaseRevoke", new byte[] {8, 7});
        return FuzzTarget.of("requests", List.of(seed.pack()), Set.of(), RequestTargets::call)
                .with(Bundle.within(ProtoMutation.ONCE))
                .within(new Budget(64L << 20, 1_000, 5_000));
    }

    private static String call(byte[] input) throws IOException {
        try (var machine = Machine.fresh()) {
            var services = new Services(FakeMember.of(machine), LIMITS, new Metrics(Metrics.Detail.BASIC), List.of());
            var last = "nothing";
            for (var part : Bundle.unpack(input).parts()) {
                var method = services.lookupMethod(part.name(), null);
                last = method == null ? "unknown" : call(method, part.bytes());
            }
            machine.requireRestorable();
            return last;
        }
    }

    private static <Q, A> String call(ServerMethodDefinition<Q, A> method, byte[] message) throws IOException {
        var call = new Call<>(method.getMethodDescriptor());
        var listener = method.getServerCallHandler().startCall(call, new Metadata());
        listener.onReady();
        listener.onMessage(method.getMethodDescriptor().parseRequest(new ByteArrayInputStream(message)));
        listener.onHalfClose();
        var status = call.status;
        if (status == null) {
            throw new AssertionError(method.getMethodDescriptor().getFullMethodName() + " was not answered");
        }
        if (status.getCode() == Status.Code.UNKNOWN && status.getDescription() == null) {
            throw new AssertionError("an answer without a reason: " + status);
        }
        listener.onComplete();
        return method.getMethodDescriptor().getBareMethodName() + " " + status.getCode();
    }

    /// A call whose answer is written and thrown away.
    private static final class Call<Q, A> extends ServerCall<Q, A> {
        private final MethodDescriptor<Q, A> method;

        @Nullable
        Status status;

        Call(MethodDescriptor<Q, A> method) {
            this.method = method;
        }

        @Override
        public void request(int numMessages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(A message) {
            try (var bytes = method.streamResponse(message)) {
                bytes.readAllBytes();
            } catch (IOException failed) {
                throw new AssertionError("an answer can't be written", failed);
            }
        }

        @Override
        public void close(Status end, Metadata trailers) {
            if (status != null) {
                throw new AssertionError("answered twice: " + status + ", " + end);
            }
            status = end;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return method;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }
    }
}
