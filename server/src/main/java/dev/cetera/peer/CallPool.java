package dev.cetera.peer;

import dev.cetera.http.Transport;
import dev.cetera.node.PeerException;
import dev.cetera.tls.ClientTls;
import dev.cetera.tls.TlsException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The connections to one address: an idle one is used again, else a new one is opened, up to a limit; what is
/// beyond that waits in order.
///
/// Confined to one event loop, except [#ask] and [#close], which any thread may call.
final class CallPool {
    /// A request may wait in the other member (a renewal for the end of its lease), so a few must not hold up
    /// all.
    private static final int MAX_CONNECTIONS = 64;

    private static final int MAX_WAITING = 4096;

    /// Less than the 5 s after which etcd closes a connection on which nothing moves.
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 16 * 1024;
    private static final int MAX_CHUNK = 64 * 1024;

    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final Transport transport;
    private final PeerUrl url;

    // ---- event loop only ----
    private final ArrayDeque<CallConnection> idle = new ArrayDeque<>();
    private final Set<Channel> open = new HashSet<>();
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    /// Connections that are there or on their way.
    private int connections;

    /// Those on their way; there are no more of them than requests wait.
    private int dialing;

    private boolean closed;

    /// A request that has no answer yet. Confined to the event loop of its pool.
    static final class Waiting {
        final HttpCalls.Call call;
        private final CompletableFuture<HttpCalls.Answered> answer = new CompletableFuture<>();
        private @Nullable Future<?> timer;
        /// Where it was sent.
        private @Nullable CallConnection on;
        /// Whether it may be sent once more: the other side may have closed the connection just then.
        private boolean again = true;

        Waiting(HttpCalls.Call call) {
            this.call = call;
        }

        void answer(HttpCalls.Answered answered) {
            end();
            answer.complete(answered);
        }

        void fail(String why) {
            end();
            answer.completeExceptionally(new PeerException(call.shown() + ": " + why));
        }

        private void end() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    CallPool(Transport transport, ClientTls tls, PeerUrl url, long dialNanos) {
        this.loop = transport.workers().next();
        this.transport = transport;
        this.url = url;
        this.bootstrap = Dialer.bootstrap(transport, loop, url, dialNanos).handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) throws TlsException {
                if (url.isSecure()) {
                    channel.pipeline().addLast(Dialer.handshake(transport, tls, channel, url));
                }
                channel.pipeline()
                        .addLast(
                                new HttpClientCodec(MAX_LINE, MAX_HEADERS, MAX_CHUNK),
                                new CallConnection(CallPool.this, url.address()));
            }
        });
    }

    CompletableFuture<HttpCalls.Answered> ask(HttpCalls.Call call) {
        var request = new Waiting(call);
        try {
            loop.execute(() -> begin(request));
        } catch (RejectedExecutionException stopped) {
            request.fail("the member is stopping");
        }
        return request.answer;
    }

    private void begin(Waiting request) {
        if (closed) {
            request.fail("the member is stopping");
            return;
        }
        request.timer = loop.schedule(() -> tooLate(request), request.call.nanos(), TimeUnit.NANOSECONDS);
        place(request);
    }

    private void tooLate(Waiting request) {
        waiting.remove(request);
        if (request.on != null) {
            request.on.giveUp(); // the answer to it could be taken for the next one's
        }
        request.fail("context deadline exceeded");
    }

    /// Gives the request a connection, or its place among those that wait for one.
    private void place(Waiting request) {
        var free = idle.pollLast();
        if (free != null) {
            send(free, request);
        } else if (waiting.size() >= MAX_WAITING) {
            request.fail("too many requests wait for " + url.address());
        } else {
            waiting.add(request);
            connectForThoseThatWait();
        }
    }

    private static void send(CallConnection connection, Waiting request) {
        request.on = connection;
        connection.send(request);
    }

    // ---- opening ----

    private void connectForThoseThatWait() {
        while (!closed && dialing < waiting.size() && connections < MAX_CONNECTIONS) {
            connect();
        }
    }

    private void connect() {
        connections++;
        dialing++;
        var host = url.host();
        if (url.isSocketFile()) {
            dial(transport.file(url.address()));
            return;
        }
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            dial(new InetSocketAddress(host, url.port()));
            return;
        }
        // Looking a name up blocks, so it has a thread of its own.
        Thread.ofVirtual().name("resolve-" + host).start(() -> {
            try {
                var address = InetAddress.getByName(host);
                onLoop(() -> dial(new InetSocketAddress(address, url.port())));
            } catch (UnknownHostException unknown) {
                onLoop(() -> notOpened("dial tcp: lookup " + host + ": no such host"));
            }
        });
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopped) {
            // The event loops end after this pool was closed: nobody waits any more.
            assert loop.isShuttingDown();
        }
    }

    private void dial(SocketAddress address) {
        if (closed) {
            return;
        }
        var _ = bootstrap.connect(address).addListener(done -> {
            var failure = done.cause();
            if (failure != null) {
                notOpened((url.isSocketFile() ? "dial unix " : "dial tcp ") + url.address() + ": " + reason(failure));
            }
        });
    }

    private static String reason(Throwable failure) {
        return switch (failure) {
            case ConnectTimeoutException _ -> "i/o timeout";
            case ConnectException _ -> "connect: connection refused";
            default -> String.valueOf(failure.getMessage());
        };
    }

    /// While there is no other connection, all that waits would only find out the same.
    private void notOpened(String why) {
        connections--;
        dialing--;
        var first = waiting.poll();
        var failed = new ArrayList<Waiting>();
        for (var next = first; next != null; next = open.isEmpty() ? waiting.poll() : null) {
            failed.add(next);
        }
        failed.forEach(request -> request.fail(why));
    }

    // ---- what its connections say ----

    void opened(CallConnection connection) {
        if (closed) {
            connection.close();
            return;
        }
        dialing--;
        open.add(connection.channel());
        free(connection);
    }

    /// The connection can take a request.
    void free(CallConnection connection) {
        var next = waiting.poll();
        if (next != null) {
            send(connection, next);
        } else {
            idle.addLast(connection);
            connection.closeUnlessUsed(IDLE_NANOS);
        }
    }

    void ended(CallConnection connection) {
        if (open.remove(connection.channel())) {
            connections--;
            idle.remove(connection);
            connectForThoseThatWait();
        }
    }

    /// The connection broke before anything of an answer had come.
    void unanswered(Waiting request, boolean usedBefore, String why) {
        request.on = null;
        if (usedBefore && request.again && !closed) {
            request.again = false;
            waiting.add(request);
            connectForThoseThatWait();
        } else {
            request.fail(why);
        }
    }

    void close() {
        onLoop(() -> {
            closed = true;
            waiting.forEach(request -> request.fail("the member is stopping"));
            waiting.clear();
            idle.clear();
            for (var channel : Set.copyOf(open)) {
                var _ = channel.close();
            }
        });
    }
}
