package dev.cetera.rpc;

import dev.cetera.node.Caller;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ServerCall;

/// How a call carries on whose account it is made: put on it by the [Gate], and read by whatever serves it.
final class Callers {
    private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("cetera-caller");

    private static final Attributes.Key<Proof> PROOF = Attributes.Key.create("cetera-proof");

    private static final Caller NOBODY = new Caller.Nobody();

    private Callers() {}

    static Caller of(ServerCall<?, ?> call) {
        var caller = call.getAttributes().get(CALLER);
        return caller == null ? NOBODY : caller;
    }

    /// The same call with a caller. Nobody's calls stay as they are, so they cost nothing.
    static <Q, A> ServerCall<Q, A> with(ServerCall<Q, A> call, Caller caller) {
        if (caller instanceof Caller.Nobody) {
            return call;
        }
        return with(call, CALLER, caller);
    }

    /// What a call brings, for a service that asks with each of the call's requests.
    static Proof proof(ServerCall<?, ?> call) {
        var proof = call.getAttributes().get(PROOF);
        return proof == null ? Proof.NOTHING : proof;
    }

    /// The same call with what it brings.
    static <Q, A> ServerCall<Q, A> proving(ServerCall<Q, A> call, Proof proof) {
        return proof.equals(Proof.NOTHING) ? call : with(call, PROOF, proof);
    }

    private static <Q, A, T> ServerCall<Q, A> with(ServerCall<Q, A> call, Attributes.Key<T> key, T value) {
        var attributes = call.getAttributes().toBuilder().set(key, value).build();
        return new SimpleForwardingServerCall<>(call) {
            @Override
            public Attributes getAttributes() {
                return attributes;
            }
        };
    }
}
