/// The gRPC contract: generated messages and stubs, and the texts of refusals.
module dev.cetera.api {
    requires transitive com.google.protobuf;
    requires transitive io.grpc;
    requires transitive io.grpc.protobuf;
    requires transitive io.grpc.stub;
    requires transitive com.google.common;
    requires static org.jspecify;

    exports dev.cetera.api;
    exports dev.cetera.api.authpb;
    exports dev.cetera.api.etcdserverpb;
    exports dev.cetera.api.leasepb;
    exports dev.cetera.api.mvccpb;
    exports dev.cetera.api.v3electionpb;
    exports dev.cetera.api.v3lockpb;
}
