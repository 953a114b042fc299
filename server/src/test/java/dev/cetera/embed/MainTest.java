package dev.cetera.embed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.Membership;
import dev.cetera.config.CommandLine;
import dev.cetera.config.CommandLine.Outcome;
import dev.cetera.config.Config;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.FakeNode;
import dev.cetera.node.Inbound;
import dev.cetera.node.LogLines;
import dev.cetera.node.Node;
import dev.cetera.node.NodeFactory;
import dev.cetera.node.RemovedException;
import dev.cetera.raft.Message;
import io.grpc.ServerServiceDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MainTest {
    @TempDir
    private Path dir;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /// A member that is ready at once.
    private static final class Fake implements NodeFactory, NodeFactory.Running {
        private final FakeNode node = new FakeNode();
        private boolean closed;
        private boolean handedOver;

        @Override
        public Running start(Config config, Metrics metrics, Ways ways, Consumer<Throwable> end) {
            return this;
        }

        @Override
        public Node node() {
            return node;
        }

        @Override
        public Inbound inbound() {
            return new Deaf();
        }

        @Override
        public void handOver() {
            handedOver = !closed;
        }

        @Override
        public List<ServerServiceDefinition> services() {
            return List.of();
        }

        @Override
        public CompletableFuture<Void> ready() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            closed = true;
            node.close();
        }
    }

    /// A member that nobody speaks to.
    private static final class Deaf implements Inbound {
        @Override
        public long memberId() {
            return 1;
        }

        @Override
        public long clusterId() {
            return 1;
        }

        @Override
        public Membership membership() {
            return new Membership(List.of(), Set.of(), null);
        }

        @Override
        public boolean receive(Message message) {
            return false;
        }

        @Override
        public void unreachable(long member) {}

        @Override
        public void snapshotDelivered(long member, boolean arrived) {}

        @Override
        public SnapshotInlet receiveSnapshot(Message.InstallSnapshot message) throws IOException {
            throw new IOException("no");
        }

        @Override
        public void removed() {}
    }

    private int run(NodeFactory factory, String... args) {
        return new Main(
                        factory,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(args), Map.of());
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String[] arguments() {
        return new String[] {
            "--name=s1",
            "--data-dir=" + dir,
            "--listen-client-urls=http://127.0.0.1:0",
            "--advertise-client-urls=http://127.0.0.1:0",
            "--listen-peer-urls=http://127.0.0.1:0",
            "--initial-advertise-peer-urls=http://127.0.0.1:0",
            "--listen-metrics-urls=http://127.0.0.1:0"
        };
    }

    private static NodeFactory failing(String message) {
        return (_, _, _, _) -> {
            throw new IOException(message);
        };
    }

    @Test
    void anUnknownFlagEndsWithUsageAndTwo() {
        assertThat(run(new Fake(), "--nosuch")).isEqualTo(2);
        assertThat(err()).startsWith("flag provided but not defined: -nosuch\nusage: ");
    }

    @Test
    void aContradictionEndsWithALineAndOne() {
        assertThat(run(new Fake(), "--listen-client-urls=http://127.0.0.1:1")).isEqualTo(1);
        assertThat(err().lines())
                .hasSize(2)
                .first()
                .asString()
                .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6} E \\| etcdmain: error verifying flags, "
                        + "--advertise-client-urls is required when --listen-client-urls is set explicitly. "
                        + "See 'etcd --help'\\.");
    }

    @Test
    void theVersionGoesToStandardOutput() {
        assertThat(run(new Fake(), "--version")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("etcd Version: 3.3.27\n");
        assertThat(err()).isEmpty();
    }

    @Test
    void aMemberThatCannotStartEndsWithACriticalLine() {
        assertThat(run(failing("disk is on fire"), arguments())).isEqualTo(1);
        assertThat(err())
                .contains(" I | etcdmain: etcd Version: 3.3.27\n")
                .contains(" I | embed: listening for peers on http://127.0.0.1:0\n")
                .contains(" I | embed: listening for client requests on 127.0.0.1:0\n")
                .contains(" I | etcdserver: name = s1\n")
                .contains(" I | etcdserver: initial cluster = s1=http://127.0.0.1:0\n")
                .endsWith(" C | etcdmain: disk is on fire\n");
    }

    @Test
    void aMemberWithDataIsRecognized() throws Exception {
        Files.createDirectories(dir.resolve("member/wal"));
        Files.createFile(dir.resolve("member/wal/0.wal"));
        run(failing("stop here"), arguments());
        assertThat(err())
                .contains(
                        " N | etcdmain: the server is already initialized as member before, starting as etcd member...\n")
                .doesNotContain("initial cluster = ");
    }

    @Test
    void anAddressInUseIsCritical() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + taken.getLocalPort();
            var args = arguments();
            args[2] = "--listen-client-urls=http://" + address;
            assertThat(run(new Fake(), args)).isEqualTo(1);
            assertThat(err()).endsWith(" C | etcdmain: listen tcp " + address + ": bind: address already in use\n");
        }
    }

    @Test
    void afterAFatalErrorTheProgramEnds() {
        var fake = new Fake();
        NodeFactory dying = (_, _, _, fatal) -> {
            fatal.accept(new IOException("sync failed"));
            return fake;
        };
        assertThat(run(dying, arguments())).isEqualTo(1);
        assertThat(err()).contains(" C | etcdmain: sync failed\n");
        assertThat(fake.closed).isFalse();
        fake.close();
    }

    @Test
    void aRemovedMemberIsClosedInGoodOrderAndEndsWithZero() {
        var fake = new Fake();
        NodeFactory removed = (_, _, _, end) -> {
            end.accept(new RemovedException());
            return fake;
        };
        assertThat(run(removed, arguments())).isZero();
        assertThat(err()).doesNotContain(" C | ");
        assertThat(fake.handedOver).isTrue();
        assertThat(fake.closed).isTrue();
    }

    /// Scripts let the system choose a port, and read here which.
    @Test
    void theAddressesThatAreServedAreToldAsTheyCameToBe() throws Exception {
        var args = arguments();
        args[2] = "--listen-client-urls=http://0.0.0.0:0,http://127.0.0.1:0";
        var config = ((Outcome.Run) CommandLine.read(List.of(args), Map.of())).config();
        try (var log = new LogLines("embed");
                var cetera = Cetera.start(config, new Fake(), _ -> {}, _ -> {})) {
            cetera.awaitServing(10_000);
            var bound = cetera.clientAddresses();
            assertThat(log.lines)
                    .filteredOn(line -> line.startsWith("serving insecure client requests on "))
                    .containsExactly(
                            told("[::]:" + bound.getFirst().getPort()),
                            told("127.0.0.1:" + bound.getLast().getPort()));
        }
    }

    private static String told(String address) {
        return "serving insecure client requests on " + address + ", this is strongly discouraged!";
    }

    @Test
    void anEmbeddedMemberServesAndCloses() throws Exception {
        var fake = new Fake();
        var config = ((Outcome.Run) CommandLine.read(List.of(arguments()), Map.of())).config();
        try (var cetera = Cetera.start(config, fake, _ -> {}, _ -> {});
                var http = HttpClient.newHttpClient()) {
            cetera.awaitServing(10_000);
            var uri = URI.create(
                    "http://127.0.0.1:" + cetera.clientAddresses().getFirst().getPort() + "/metrics");
            var metrics = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(metrics.body())
                    .contains("etcd_server_has_leader 1\n")
                    .contains("etcd_server_id{server_id=\"a1\"} 1\n")
                    .contains("etcd_cluster_version{cluster_version=\"3.3\"} 1\n");
        }
        assertThat(fake.closed).isTrue();
    }
}
