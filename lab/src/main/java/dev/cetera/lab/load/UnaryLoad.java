package dev.cetera.lab.load;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Clients that each make one call after the other.
///
/// Shared: the clients run on the transport's threads, each confined to the order of its own calls.
final class UnaryLoad implements Load {
    /// One call: what to send, and how many bytes an answer has at least when it is right.
    record Request(MethodDescriptor<byte[], Integer> method, byte[] bytes, int leastAnswer) {}

    private final Client[] clients;
    private final AtomicInteger active;

    /// @param requests draws the next request of a client
    UnaryLoad(Settings settings, Connections connections, Meter meter, Function<SplittableRandom, Request> requests) {
        var seeds = new SplittableRandom(settings.seed());
        this.clients = new Client[settings.clients()];
        this.active = new AtomicInteger(clients.length);
        long intervalNanos = settings.rate() == 0 ? 0 : Math.max(1, 1_000_000_000L * clients.length / settings.rate());
        for (int i = 0; i < clients.length; i++) {
            clients[i] = new Client(connections.channel(i), meter, requests, seeds.split(), intervalNanos, active);
        }
    }

    @Override
    public void start() {
        long now = System.nanoTime();
        for (int i = 0; i < clients.length; i++) {
            clients[i].startAt(now, i, clients.length);
        }
    }

    @Override
    public boolean idle() {
        return active.get() == 0;
    }

    @Override
    public void close() {
        // A unary call leaves nothing behind.
    }

    private static final class Client {
        private final Channel channel;
        private final Meter meter;
        private final Function<SplittableRandom, Request> requests;
        private final SplittableRandom random;
        private final long intervalNanos;
        private final AtomicInteger active;

        /// When the next request is due; latency counts from here, so a server that stalls is not flattered by
        /// the requests that could not be made meanwhile.
        private long dueNanos;

        Client(
                Channel channel,
                Meter meter,
                Function<SplittableRandom, Request> requests,
                SplittableRandom random,
                long intervalNanos,
                AtomicInteger active) {
            this.channel = channel;
            this.meter = meter;
            this.requests = requests;
            this.random = random;
            this.intervalNanos = intervalNanos;
            this.active = active;
        }

        void startAt(long nowNanos, int number, int of) {
            dueNanos = nowNanos + intervalNanos * number / of;
            if (intervalNanos == 0) {
                ask();
            } else {
                meter.at(dueNanos, this::ask);
            }
        }

        private void next() {
            if (intervalNanos == 0) {
                dueNanos = System.nanoTime();
                ask();
                return;
            }
            dueNanos += intervalNanos;
            if (dueNanos <= System.nanoTime()) {
                ask();
            } else {
                meter.at(dueNanos, this::ask);
            }
        }

        private void ask() {
            if (!meter.admit()) {
                active.decrementAndGet();
                return;
            }
            Request request = requests.apply(random);
            var call = channel.newCall(request.method(), CallOptions.DEFAULT);
            call.start(new Answer(request.leastAnswer()), new Metadata());
            // Two, so that the call also ends by itself when there is a message too many.
            call.request(2);
            call.sendMessage(request.bytes());
            call.halfClose();
        }

        private final class Answer extends ClientCall.Listener<Integer> {
            private final int least;
            private int size = -1;

            Answer(int least) {
                this.least = least;
            }

            @Override
            public void onMessage(Integer answerSize) {
                size = answerSize;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                if (!status.isOk()) {
                    meter.failed(status);
                    meter.afterError(Client.this::next);
                } else if (size < least) {
                    meter.failed("answer of " + size + " bytes where at least " + least + " were due");
                    meter.afterError(Client.this::next);
                } else {
                    meter.answered(System.nanoTime() - dueNanos);
                    next();
                }
            }
        }
    }
}
