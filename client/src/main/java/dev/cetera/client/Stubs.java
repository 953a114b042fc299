package dev.cetera.client;

import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import io.grpc.stub.AbstractStub;

/// For who brings a generated stub of gRPC, with a channel of his own behind it: the parts of a client over
/// that channel, with the limits, metadata, login and rules for repeating of `client`. The stub's own call
/// options hold too. The channel stays its owner's; closing the client ends what goes on over it. Each is to
/// be made once and kept.
///
/// This and [dev.cetera.client.naming.NamedServices] are the client's doors to gRPC: no other signature names
/// types of a library.
public final class Stubs {
    private Stubs() {}

    public static KV kv(KVGrpc.KVFutureStub stub, Client client) {
        return KV.over(new RemoteKV(calls(stub, client)));
    }

    public static Lease lease(LeaseGrpc.LeaseStub stub, Client client) {
        var calls = calls(stub, client);
        return new Lease(calls, new KeepAlives(calls.untimed()));
    }

    public static Watch watch(WatchGrpc.WatchStub stub, Client client) {
        return new Watch(calls(stub, client).untimed());
    }

    public static Cluster cluster(ClusterGrpc.ClusterFutureStub stub, Client client) {
        return new Cluster(calls(stub, client));
    }

    public static Maintenance maintenance(MaintenanceGrpc.MaintenanceFutureStub stub, Client client) {
        return new Maintenance(calls(stub, client));
    }

    private static Calls calls(AbstractStub<?> stub, Client client) {
        return client.over(stub.getChannel(), stub.getCallOptions());
    }
}
