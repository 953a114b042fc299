/// The etcd client: keys, watches, leases, and what is made of them. No type of a library is in any public
/// signature but those of [dev.cetera.client.Stubs], the door for generated stubs of gRPC.
module dev.cetera.client {
    requires transitive dev.cetera.api;
    requires com.google.protobuf;
    requires io.grpc;
    requires io.grpc.netty.shaded;
    requires java.naming;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    exports dev.cetera.client;
    exports dev.cetera.client.concurrency;
    exports dev.cetera.client.mirror;
    exports dev.cetera.client.namespace;
    exports dev.cetera.client.ordering;
}
