package dev.cetera.lab.cluster;

import dev.cetera.lab.proxy.Network;
import dev.cetera.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One member: ports, a data directory, a log file, and the process while there is one. A cluster of its own
/// unless a [Cluster] says otherwise.
///
/// Confined to the thread that made it. Ends with this JVM at the latest.
public final class Member implements AutoCloseable {
    /// A JVM on a busy machine with two cores takes a few seconds; ten times that is a hang.
    private static final Duration START = Duration.ofSeconds(60);

    private static final Duration STOP = Duration.ofSeconds(30);

    private static final HttpClient PLAIN =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final String name;
    private final Path dataDir;
    private final Path log;
    private final @Nullable Encryption encryption;
    private final HttpClient http;
    private final int clientPort;
    private final int peerPort;
    /// Keep the ports from others until the first start.
    private final List<ServerSocket> held;

    /// Where others connect to: the ports above, or proxies in front of them.
    private int peerEntrance;

    private int clientEntrance;

    /// What it is told of the cluster at every start, beside names and addresses.
    private List<String> bootstrap;

    /// Read by the shutdown hook, too.
    private volatile @Nullable Process process;

    private @Nullable Program program;
    private boolean hooked;

    private Member(String name, Path dataDir, Path log, @Nullable Encryption encryption) throws IOException {
        this.name = name;
        this.dataDir = dataDir;
        this.log = log;
        this.encryption = encryption;
        this.http = encryption == null
                ? PLAIN
                : HttpClient.newBuilder()
                        .connectTimeout(Duration.ofSeconds(2))
                        .sslContext(encryption.forHttp())
                        .build();
        this.held = List.of(Ports.hold(), Ports.hold());
        this.clientPort = held.getFirst().getLocalPort();
        this.peerPort = held.getLast().getLocalPort();
        this.clientEntrance = clientPort;
        this.peerEntrance = peerPort;
        this.bootstrap = List.of("--initial-cluster=" + name + "=" + peerUrl());
    }

    /// A member named `name` on free ports of the loopback address, its data directory and log below `root`;
    /// not started.
    public static Member in(Path root, String name) throws IOException {
        return in(root, name, null);
    }

    /// The same; with an encryption, it talks to clients and other members by that alone.
    public static Member in(Path root, String name, @Nullable Encryption encryption) throws IOException {
        return new Member(name, root.resolve(name + ".etcd"), root.resolve(name + ".log"), encryption);
    }

    /// Another one on other ports, with a log of its own named after `kind`, that wants the same data
    /// directory; not started.
    public Member rival(String kind) throws IOException {
        return new Member(name, dataDir, log.resolveSibling(name + "-rival-" + kind + ".log"), encryption);
    }

    /// Before the first start: others, members and clients alike, are to reach it through proxies only. What
    /// this class and [Direct] ask of it goes by the direct way.
    void behind(Network network) throws IOException {
        peerEntrance = network.peers(name, Ports.hold(), peerPort).entrance();
        clientEntrance =
                network.clients(Cluster.CLIENTS, name, Ports.hold(), clientPort).entrance();
        bootstrap = List.of("--initial-cluster=" + name + "=" + peerUrl());
    }

    /// Flags given at every start from now on.
    void bootstrap(List<String> flags) {
        this.bootstrap = List.copyOf(flags);
    }

    public String name() {
        return name;
    }

    /// What was started last.
    public Program program() {
        if (program == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return program;
    }

    public Path dataDir() {
        return dataDir;
    }

    /// Output of every process that this member has been, one after the other.
    public Path log() {
        return log;
    }

    /// The client URL that it listens at.
    public String endpoint() {
        return scheme() + clientPort;
    }

    /// Port for clients, through the proxy if there is one.
    public int clientEntrance() {
        return clientEntrance;
    }

    /// The URL for other members.
    public String peerUrl() {
        return scheme() + peerEntrance;
    }

    private String scheme() {
        return encryption == null ? "http://127.0.0.1:" : "https://127.0.0.1:";
    }

    /// Null when it talks in plain text.
    @Nullable
    Encryption encryption() {
        return encryption;
    }

    public int peerPort() {
        return peerPort;
    }

    /// Process id of the running server.
    public long pid() {
        return running().pid();
    }

    /// True while the process runs.
    public boolean alive() {
        Process last = process;
        return last != null && last.isAlive();
    }

    /// Starts `program` and returns when the member answers that it is healthy.
    public Member start(Program program, String... moreFlags) throws IOException, InterruptedException {
        launch(program, moreFlags);
        awaitHealthy(START);
        return this;
    }

    /// Starts `program` and returns at once.
    public void launch(Program next, String... moreFlags) throws IOException {
        Process before = process;
        if (before != null && before.isAlive()) {
            throw new IllegalStateException(name + " runs already");
        }
        var command = new ArrayList<>(next.command());
        command.addAll(List.of(
                "--name=" + name,
                "--data-dir=" + dataDir,
                "--listen-client-urls=" + endpoint(),
                "--advertise-client-urls=" + scheme() + clientEntrance,
                "--listen-peer-urls=" + scheme() + peerPort,
                "--initial-advertise-peer-urls=" + peerUrl()));
        if (encryption != null) {
            command.addAll(encryption.flags());
        }
        command.addAll(bootstrap);
        command.addAll(List.of(moreFlags));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(next.environment());
        if (!hooked) {
            hooked = true;
            Runtime.getRuntime().addShutdownHook(new Thread(this::close, "end " + name));
        }
        for (ServerSocket port : held) {
            port.close();
        }
        Process started = builder.start();
        program = next;
        process = started;
        started.getOutputStream().close();
    }

    /// Waits until `/health` says yes; fails at once, with the end of the log, when the process ends instead.
    public void awaitHealthy(Duration deadline) {
        Process started = running();
        try {
            Await.await(name + " is healthy", deadline, () -> !started.isAlive() || healthy());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; its log ends:\n" + accuse(), e);
        }
        if (!started.isAlive()) {
            throw new AssertionError(name + " ended with " + started.exitValue() + "; its log ends:\n" + logTail());
        }
    }

    /// True when it serves, and has a leader.
    public boolean healthy() throws IOException, InterruptedException {
        return get("/health").body().contains("true");
    }

    /// One HTTP request to the client port.
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(endpoint() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(Duration.ofSeconds(5))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /// SIGTERM; returns the exit code.
    public int terminate() throws InterruptedException {
        running().destroy();
        return awaitExit();
    }

    /// SIGKILL: nothing of the process runs any more.
    public void kill() throws InterruptedException {
        running().destroyForcibly();
        awaitExit();
    }

    /// SIGSTOP: alive, but deaf.
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /// SIGCONT after [#freeze].
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + signal, Long.toString(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + signal + " " + pid() + " ended with " + code);
        }
    }

    /// Exit code, once the process has ended by itself or by a signal.
    public int awaitExit() throws InterruptedException {
        Process ending = running();
        if (!ending.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(name + " did not end within " + STOP + "; its log ends:\n" + logTail());
        }
        return ending.exitValue();
    }

    /// What was logged after the first `from` bytes. See [#logLength].
    public String logFrom(long from) throws IOException {
        byte[] all = Files.readAllBytes(log);
        return new String(all, (int) from, all.length - (int) from, StandardCharsets.UTF_8);
    }

    /// Bytes logged so far.
    public long logLength() throws IOException {
        return Files.size(log);
    }

    /// The last lines of the log of a server that does not do what it should. The stacks of its threads follow
    /// them in the log: evidence. An etcd ends by that.
    String accuse() {
        String tail = logTail();
        if (alive()) {
            try {
                signal("QUIT");
            } catch (IOException e) {
                return tail + "\n(no stacks: " + e + ")";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return tail;
    }

    /// The last lines of the log.
    public String logTail() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    private Process running() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return current;
    }

    /// Kills the process if it still runs; files stay.
    @Override
    public void close() {
        Process last = process;
        if (last != null) {
            last.destroyForcibly().onExit().join();
        }
        for (ServerSocket port : held) {
            try {
                port.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
