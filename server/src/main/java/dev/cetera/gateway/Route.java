package dev.cetera.gateway;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import dev.cetera.rpc.LocalCalls;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import java.util.Objects;

/// One method behind a path. Immutable.
///
/// @param method  whose answers come as they are written
/// @param request an empty one
/// @param answer  the type of its answers
/// @param <Q>     its request
record Route<Q extends Message>(MethodDescriptor<Q, byte[]> method, Q request, Descriptor answer, Dialect dialect) {

    /// @param generated a method as its stubs know it
    static <Q extends Message, A extends Message> Route<Q> to(MethodDescriptor<Q, A> generated, Dialect dialect) {
        var method = generated.toBuilder(generated.getRequestMarshaller(), LocalCalls.BYTES)
                .build();
        var request = Objects.requireNonNull(
                generated.getRequestMarshaller() instanceof PrototypeMarshaller<Q> known
                        ? known.getMessagePrototype()
                        : null);
        var answer = Objects.requireNonNull(
                generated.getResponseMarshaller() instanceof PrototypeMarshaller<A> known
                        ? known.getMessagePrototype()
                        : null);
        return new Route<>(method, request, answer.getDescriptorForType(), dialect);
    }

    boolean takesMany() {
        return !method.getType().clientSendsOneMessage();
    }

    boolean answersMany() {
        return method.getType() != MethodType.UNARY;
    }
}
