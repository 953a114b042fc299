package dev.cetera.lab.sim;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/// Those who look after a cluster, through its own services. What they ask for may come to nothing; they don't
/// ask again. Confined.
final class Operators {
    private final Gateways gateways;
    private final Timeline timeline;
    private final Trace trace;

    Operators(Gateways gateways, Timeline timeline, Trace trace) {
        this.gateways = gateways;
        this.timeline = timeline;
        this.trace = trace;
    }

    void defragment(Host host) {
        trace.add(host.name, "is to be defragmented");
        ask(host, MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance(), () -> {});
    }

    void moveLeader(Host leader, Host target) {
        trace.add(leader.name, "is to hand over to", target.name);
        var request =
                MoveLeaderRequest.newBuilder().setTargetID(target.memberId()).build();
        ask(leader, MaintenanceGrpc.getMoveLeaderMethod(), request, () -> {});
    }

    void add(Host through, Host added, Runnable whenDone) {
        trace.add(through.name, "is to add", added.name);
        var request = MemberAddRequest.newBuilder()
                .addPeerURLs(Host.peerUrl(added.name))
                .build();
        ask(through, ClusterGrpc.getMemberAddMethod(), request, whenDone);
    }

    void remove(Host through, Host removed, Runnable whenDone) {
        trace.add(through.name, "is to remove", removed.name);
        var request = MemberRemoveRequest.newBuilder().setID(removed.memberId()).build();
        ask(through, ClusterGrpc.getMemberRemoveMethod(), request, whenDone);
    }

    /// @param another whether the member gets a second address besides its own
    void update(Host through, Host member, boolean another, Runnable whenDone) {
        trace.add(through.name, "is to update", member.name);
        var request = MemberUpdateRequest.newBuilder().setID(member.memberId()).addPeerURLs(Host.peerUrl(member.name));
        if (another) {
            request.addPeerURLs(Host.otherPeerUrl(member.name));
        }
        ask(through, ClusterGrpc.getMemberUpdateMethod(), request.build(), whenDone);
    }

    private <Q extends Message, A> void ask(Host host, MethodDescriptor<Q, A> method, Q request, Runnable whenDone) {
        var call = gateways.asRoot(host).newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        trace.add(host.name, "has answered an operator:", String.valueOf(status.getCode()));
                        timeline.in(0, whenDone::run);
                    }
                },
                new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }
}
