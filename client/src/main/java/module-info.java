/// The etcd client: keys, watches, leases, and what is made of them. No type of a library is in any public
/// signature but those of gRPC's two doors: [dev.cetera.client.Stubs] and
/// [dev.cetera.client.naming.NamedServices].
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
    exports dev.cetera.client.leasing;
    exports dev.cetera.client.mirror;
    exports dev.cetera.client.namespace;
    exports dev.cetera.client.naming;
    exports dev.cetera.client.ordering;
}
