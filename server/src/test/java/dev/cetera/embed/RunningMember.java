package dev.cetera.embed;

import dev.cetera.config.CommandLine;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A real member, alone in its cluster, on free ports of this machine.
public final class RunningMember implements AutoCloseable {
    private final Cetera cetera;
    private final ManagedChannel channel;

    /// @param dir   empty
    /// @param flags beside those that say where it lives
    public RunningMember(Path dir, String... flags) throws Exception {
        var all = new ArrayList<>(List.of(
                "--data-dir=" + dir,
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=http://127.0.0.1:0",
                "--initial-advertise-peer-urls=http://127.0.0.1:0",
                "--initial-cluster=default=http://127.0.0.1:0"));
        all.addAll(List.of(flags));
        if (!(CommandLine.read(all, Map.of()) instanceof CommandLine.Outcome.Run run)) {
            throw new IllegalArgumentException("flags can't be read: " + all);
        }
        cetera = Cetera.start(run.config(), RealMember::start, _ -> {}, _ -> {});
        cetera.serving().get(30, TimeUnit.SECONDS);
        channel = NettyChannelBuilder.forAddress(address()).usePlaintext().build();
    }

    public InetSocketAddress address() {
        return cetera.clientAddresses().getFirst();
    }

    public ManagedChannel channel() {
        return channel;
    }

    public Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /// All that comes back on a connection until the member closes it.
    public String raw(String request) throws IOException {
        try (var socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            var out = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(out);
            return out.toString(StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        cetera.close();
    }
}
