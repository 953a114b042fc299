package dev.cetera.lab.client;

import dev.cetera.testkit.Await;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/// A way to one port by which requests can come late. The connections that there are stand still when it is
/// said, as those to a frozen member do; what was asked over them is handed on when it is said, without what
/// its client has taken back since. Later connections aren't held up.
final class StandingWater implements AutoCloseable {
    private static final int PREFACE = 24;
    private static final int HEAD = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;

    private final ServerSocket entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Way> ways = new CopyOnWriteArrayList<>();
    private final int port;

    StandingWater(int port) throws IOException {
        this.port = port;
        Thread.ofVirtual().start(() -> {
            while (!entrance.isClosed()) {
                try {
                    ways.add(new Way(entrance.accept()));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    String endpoint() {
        return "http://127.0.0.1:" + entrance.getLocalPort();
    }

    void stand() {
        ways.forEach(way -> way.gate = new CountDownLatch(1));
    }

    /// The same, and nothing that the member says comes back over them either.
    void cut() {
        ways.forEach(way -> way.backGate = new CountDownLatch(1));
        stand();
    }

    /// Returns when all that was held up is answered.
    void flow(Duration limit) {
        ways.forEach(way -> {
            way.gate.countDown();
            way.backGate.countDown();
        });
        Await.await(
                "all that came late is answered",
                limit,
                () -> ways.stream().allMatch(way -> way.arrived && way.answered.containsAll(way.late)));
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        for (var way : ways) {
            way.near.close();
            way.far.close();
        }
    }

    private record Frame(byte[] bytes) {
        int type() {
            return bytes[3];
        }

        int stream() {
            return ByteBuffer.wrap(bytes).getInt(5);
        }

        boolean isLast() {
            return type() == RST_STREAM || ((type() == DATA || type() == HEADERS) && (bytes[4] & END_STREAM) != 0);
        }

        static Frame read(DataInputStream in) throws IOException {
            var head = in.readNBytes(HEAD);
            if (head.length < HEAD) {
                throw new IOException("the connection has ended");
            }
            int length = ByteBuffer.wrap(head).getInt() >>> 8;
            var all = ByteBuffer.allocate(HEAD + length).put(head);
            in.readFully(all.array(), HEAD, length);
            return new Frame(all.array());
        }
    }

    private final class Way {
        private final Socket near;
        private final Socket far;
        private final BlockingQueue<Frame> waiting = new LinkedBlockingQueue<>();
        private final Set<Integer> late = ConcurrentHashMap.newKeySet();
        private final Set<Integer> answered = ConcurrentHashMap.newKeySet();
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private volatile CountDownLatch backGate = new CountDownLatch(0);
        private volatile boolean arrived = true;

        Way(Socket near) throws IOException {
            this.near = near;
            this.far = new Socket(InetAddress.getLoopbackAddress(), port);
            Thread.ofVirtual().start(this::gather);
            Thread.ofVirtual().start(this::handOn);
            Thread.ofVirtual().start(this::answer);
        }

        private void gather() {
            try {
                var in = new DataInputStream(new BufferedInputStream(near.getInputStream()));
                far.getOutputStream().write(in.readNBytes(PREFACE));
                while (true) {
                    var frame = Frame.read(in);
                    if (gate.getCount() > 0) {
                        arrived = false;
                        if (frame.type() == RST_STREAM || frame.type() == GOAWAY) {
                            continue;
                        }
                        if (frame.isLast()) {
                            late.add(frame.stream());
                        }
                    }
                    waiting.add(frame);
                }
            } catch (IOException gone) {
                waiting.add(new Frame(new byte[0]));
            }
        }

        private void handOn() {
            try {
                for (var frame = waiting.take(); frame.bytes.length > 0; frame = waiting.take()) {
                    gate.await();
                    far.getOutputStream().write(frame.bytes);
                }
                gate.await();
                arrived = true; // and stays open: the member may still have to answer
            } catch (IOException | InterruptedException gone) {
                arrived = true;
            }
        }

        private void answer() {
            try {
                var in = new DataInputStream(new BufferedInputStream(far.getInputStream()));
                var back = new Back(near.getOutputStream());
                while (true) {
                    var frame = Frame.read(in);
                    if (frame.isLast()) {
                        answered.add(frame.stream());
                    }
                    backGate.await();
                    back.write(frame.bytes);
                }
            } catch (IOException | InterruptedException gone) {
                answered.addAll(late);
            }
        }
    }

    /// To a client that may be gone.
    private static final class Back {
        private final OutputStream out;
        private boolean gone;

        Back(OutputStream out) {
            this.out = out;
        }

        void write(byte[] bytes) {
            try {
                if (!gone) {
                    out.write(bytes);
                }
            } catch (IOException e) {
                gone = true;
            }
        }
    }
}
