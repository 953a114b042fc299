package dev.cetera.lab.load;

import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One lease a client, kept alive as fast as the server answers.
///
/// Shared: each client is confined to the callbacks of its own stream.
final class KeepAliveLoad implements Load {
    /// Longer than any run, so that none expires by itself.
    private static final long TTL_SECONDS = 3600;

    private final Connections connections;
    private final List<Client> clients = new ArrayList<>();
    private final AtomicInteger active = new AtomicInteger();

    KeepAliveLoad(Settings settings, Connections connections, Meter meter) {
        this.connections = connections;
        for (int i = 0; i < settings.clients(); i++) {
            long lease = LeaseGrpc.newBlockingStub(connections.channel(i))
                    .leaseGrant(
                            LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build())
                    .getID();
            clients.add(new Client(
                    lease, connections.channel(i).newCall(Wire.KEEP_ALIVE, CallOptions.DEFAULT), meter, active));
        }
    }

    @Override
    public void start() {
        active.set(clients.size());
        clients.forEach(Client::start);
    }

    @Override
    public boolean idle() {
        return active.get() == 0;
    }

    @Override
    public void close() {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).call.cancel("the run is over", null);
            var revoke =
                    LeaseRevokeRequest.newBuilder().setID(clients.get(i).lease).build();
            var answer = LeaseGrpc.newBlockingStub(connections.channel(i)).leaseRevoke(revoke);
            if (!answer.hasHeader()) {
                throw new IllegalStateException("the answer to a lease's revocation has no header");
            }
        }
    }

    private static final class Client extends ClientCall.Listener<byte[]> {
        private final long lease;
        private final byte[] request;
        private final ClientCall<byte[], byte[]> call;
        private final Meter meter;
        private final AtomicInteger active;
        private long askedNanos;

        Client(long lease, ClientCall<byte[], byte[]> call, Meter meter, AtomicInteger active) {
            this.lease = lease;
            this.request =
                    LeaseKeepAliveRequest.newBuilder().setID(lease).build().toByteArray();
            this.call = call;
            this.meter = meter;
            this.active = active;
        }

        void start() {
            call.start(this, new Metadata());
            ask();
        }

        private void ask() {
            if (!meter.admit()) {
                active.decrementAndGet();
                return;
            }
            askedNanos = System.nanoTime();
            call.request(1);
            call.sendMessage(request);
        }

        @Override
        public void onMessage(byte[] answer) {
            meter.answered(System.nanoTime() - askedNanos);
            ask();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (status.getCode() != Status.Code.CANCELLED) {
                meter.failed(status);
                active.decrementAndGet();
            }
        }
    }
}
