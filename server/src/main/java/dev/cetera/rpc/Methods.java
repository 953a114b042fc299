package dev.cetera.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.cetera.node.Node;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Builds the definition of one service out of the generated descriptors, with requests left as bytes.
/// Confined to start-up.
final class Methods {
    private final ServiceDescriptor service;
    private final List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    private final int limit;
    private final Node node;

    /// @param limit largest request in bytes
    /// @param node  to be used on each caller's account
    Methods(ServiceDescriptor service, int limit, Node node) {
        this.service = service;
        this.limit = limit;
        this.node = node;
    }

    <Q extends Message, A> Methods unary(
            MethodDescriptor<Q, A> method, Parser<Q> parser, Unary.Operation<Q, A> operation) {
        return unary(method, method.getResponseMarshaller(), parser, operation);
    }

    <Q extends Message, A> Methods unary(
            MethodDescriptor<Q, ?> method,
            MethodDescriptor.Marshaller<A> answers,
            Parser<Q> parser,
            Unary.Operation<Q, A> operation) {
        return add(method, answers, new Unary<>(parser, limit, node, operation));
    }

    <Q, A> Methods stream(MethodDescriptor<Q, A> method, ServerCallHandler<InputStream, A> handler) {
        return stream(method, method.getResponseMarshaller(), handler);
    }

    <A> Methods stream(
            MethodDescriptor<?, ?> method,
            MethodDescriptor.Marshaller<A> answers,
            ServerCallHandler<InputStream, A> handler) {
        return add(method, answers, handler);
    }

    private <A> Methods add(
            MethodDescriptor<?, ?> method,
            MethodDescriptor.Marshaller<A> answers,
            ServerCallHandler<InputStream, A> handler) {
        methods.add(ServerMethodDefinition.create(
                method.toBuilder(Incoming.BYTES, answers).build(), handler));
        return this;
    }

    ServerServiceDefinition build() {
        return definition(service, methods);
    }

    /// The service with its schema, which clients can ask for, and methods of our own.
    static ServerServiceDefinition definition(ServiceDescriptor generated, List<ServerMethodDefinition<?, ?>> methods) {
        var descriptor =
                ServiceDescriptor.newBuilder(generated.getName()).setSchemaDescriptor(generated.getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        var definition = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(definition::addMethod);
        return definition.build();
    }
}
