package dev.cetera.embed;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DescribedServicesTest {
    @Test
    void aMemberTellsWhatItServesAndThatItDoes(@TempDir Path dir) throws Exception {
        try (var member = new RunningMember(dir)) {
            var listing =
                    ServerReflectionRequest.newBuilder().setListServices("*").build();
            assertThat(ask(member, listing).getListServicesResponse().getServiceList())
                    .extracting(ServiceResponse::getName)
                    .contains(
                            "etcdserverpb.KV",
                            "etcdserverpb.Watch",
                            "etcdserverpb.Lease",
                            "etcdserverpb.Cluster",
                            "etcdserverpb.Maintenance",
                            "etcdserverpb.Auth",
                            "v3lockpb.Lock",
                            "v3electionpb.Election",
                            "grpc.health.v1.Health",
                            "grpc.reflection.v1alpha.ServerReflection");
            var symbol = ServerReflectionRequest.newBuilder()
                    .setFileContainingSymbol("etcdserverpb.RangeRequest")
                    .build();
            assertThat(ask(member, symbol).getFileDescriptorResponse().getFileDescriptorProtoCount())
                    .isPositive();

            Iterator<HealthCheckResponse> known =
                    HealthGrpc.newBlockingStub(member.channel()).watch(HealthCheckRequest.getDefaultInstance());
            assertThat(known.next().getStatus()).isEqualTo(ServingStatus.SERVING);
            Iterator<HealthCheckResponse> unknown = HealthGrpc.newBlockingStub(member.channel())
                    .watch(HealthCheckRequest.newBuilder().setService("nix").build());
            assertThat(unknown.next().getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
        }
    }

    private static ServerReflectionResponse ask(RunningMember member, ServerReflectionRequest question)
            throws Exception {
        var answer = new CompletableFuture<ServerReflectionResponse>();
        var questions = ServerReflectionGrpc.newStub(member.channel())
                .serverReflectionInfo(new StreamObserver<ServerReflectionResponse>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failed) {
                        answer.completeExceptionally(failed);
                    }

                    @Override
                    public void onCompleted() {}
                });
        questions.onNext(question);
        questions.onCompleted();
        return answer.get(20, TimeUnit.SECONDS);
    }
}
