package dev.cetera.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.api.Refusal;
import dev.cetera.node.Answer;
import dev.cetera.node.Caller;
import dev.cetera.node.Node;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Stands before every method and finds out who calls it; whether the caller may is the node's to say. A call
/// without a token costs two look-ups among its headers while access control is off. Shared.
final class Gate<Q, A> implements ServerCallHandler<Q, A> {
    private final ServerCallHandler<Q, A> next;
    private final Node node;
    private final Asking asking;
    private final Services.Certificates certificates;

    private Gate(ServerCallHandler<Q, A> next, Node node, Asking asking, Services.Certificates certificates) {
        this.next = next;
        this.node = node;
        this.asking = asking;
        this.certificates = certificates;
    }

    /// The same service with the gate before every method.
    static ServerServiceDefinition service(
            ServerServiceDefinition plain, Node node, Services.Certificates certificates) {
        var guarded = ServerServiceDefinition.builder(plain.getServiceDescriptor());
        for (var method : plain.getMethods()) {
            guarded.addMethod(method(method, node, certificates));
        }
        return guarded.build();
    }

    private static <Q, A> ServerMethodDefinition<Q, A> method(
            ServerMethodDefinition<Q, A> plain, Node node, Services.Certificates certificates) {
        var asking = Asking.of(plain.getMethodDescriptor());
        var next = plain.getServerCallHandler();
        return asking == Asking.NEVER
                ? plain
                : plain.withServerCallHandler(new Gate<>(next, node, asking, certificates));
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
        if (asking.onlyWhenOn() && !node.asksWho()) {
            return next.startCall(call, headers);
        }
        var proof = Proof.of(call, headers, node.asksWho() ? certificates : Services.Certificates.IGNORE);
        if (asking == Asking.LATER) {
            return next.startCall(Callers.proving(call, proof), headers);
        }
        var token = proof.token();
        if (token != null) {
            var known = new Identified(call, headers);
            node.identify(token, known);
            return known.listener();
        }
        var name = proof.name();
        return next.startCall(name == null ? call : Callers.with(call, new Caller.Named(name)), headers);
    }

    /// A call whose token is being looked at, which mostly is over at once. What the client does meanwhile is
    /// kept for whoever serves the call. Guarded by itself.
    private final class Identified extends ServerCall.Listener<Q> implements Answer<Caller> {
        private final ServerCall<Q, A> call;
        private final Metadata headers;

        @GuardedBy("this")
        private final List<Runnable> meanwhile = new ArrayList<>();

        @GuardedBy("this")
        private ServerCall.@Nullable Listener<Q> served;

        Identified(ServerCall<Q, A> call, Metadata headers) {
            this.call = call;
            this.headers = headers;
        }

        /// Who listens from now on.
        synchronized ServerCall.Listener<Q> listener() {
            return served != null ? served : this;
        }

        @Override
        public void done(Caller caller) {
            serve(next.startCall(Callers.with(call, caller), headers));
        }

        @Override
        public void refused(Refusal why) {
            if (!call.isCancelled()) {
                call.close((asking == Asking.RAW ? why.raw() : why).status(), new Metadata());
            }
            serve(new ServerCall.Listener<>() {});
        }

        private synchronized void serve(ServerCall.Listener<Q> listener) {
            served = listener;
            meanwhile.forEach(Runnable::run);
            meanwhile.clear();
        }

        private synchronized void then(ListenerEvent<Q> event) {
            var listener = served;
            if (listener != null) {
                event.on(listener);
            } else {
                meanwhile.add(() -> event.on(listener()));
            }
        }

        @Override
        public void onMessage(Q message) {
            then(listener -> listener.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            then(ServerCall.Listener::onHalfClose);
        }

        @Override
        public void onCancel() {
            then(ServerCall.Listener::onCancel);
        }

        @Override
        public void onComplete() {
            then(ServerCall.Listener::onComplete);
        }

        @Override
        public void onReady() {
            then(ServerCall.Listener::onReady);
        }
    }

    @FunctionalInterface
    private interface ListenerEvent<Q> {
        void on(ServerCall.Listener<Q> listener);
    }
}
