package dev.cetera.peer;

import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Posts messages one by one, for as long as there is no stream to write them into. Shared by those who offer;
/// the rest is confined to the event loop.
final class Pipeline {
    static final String SHOWN = "pipeline";

    private static final int IN_FLIGHT = 4;
    private static final int QUEUE = 64;

    /// A member without a leader holds a forwarded proposal back; longer than this it is given up.
    private static final int ANSWER_SILENCES = 2;

    private final long peer;
    private final PeerStatus status;
    private final UrlPicker picker;
    private final Surroundings around;
    private final EventLoop loop;
    private final Queue<Message> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();

    // ---- event loop only ----
    private final List<Caller> callers = new ArrayList<>();
    private final Deque<Caller> free = new ArrayDeque<>();

    Pipeline(long peer, PeerStatus status, UrlPicker picker, Surroundings around, EventLoop loop) {
        this.peer = peer;
        this.status = status;
        this.picker = picker;
        this.around = around;
        this.loop = loop;
        long silence = around.options().silenceNanos();
        for (int i = 0; i < IN_FLIGHT; i++) {
            var caller = new Caller(around.dialer(), loop, ANSWER_SILENCES * silence, silence / 10 * 9);
            callers.add(caller);
            free.add(caller);
        }
        around.log().info("started HTTP pipelining with peer " + Long.toHexString(peer));
    }

    /// False when too many wait already. Nothing is sent before [#wake].
    boolean offer(Message message) {
        if (queued.incrementAndGet() > QUEUE) {
            queued.decrementAndGet();
            return false;
        }
        queue.add(message);
        return true;
    }

    void wake() {
        if (queued.get() > 0) {
            loop.execute(this::pump);
        }
    }

    private void pump() {
        while (!free.isEmpty()) {
            var message = queue.poll();
            if (message == null) {
                return;
            }
            queued.decrementAndGet();
            post(free.pop(), message);
        }
    }

    private void post(Caller caller, Message message) {
        var url = picker.pick();
        if (url == null) {
            free.push(caller);
            failed("no usable peer URL");
            return;
        }
        byte[] body = MessageCodec.encode(message);
        caller.call(url, around.requests().post(url, Unpooled.wrappedBuffer(body)), outcome -> {
            free.push(caller);
            var failure = switch (outcome) {
                case Caller.Outcome.Failed(String why) -> why;
                case Caller.Outcome.Answered answered ->
                    PostAnswer.failure(answered, url, Requests.POST_PATH, peer, around);
            };
            if (failure == null) {
                status.activate();
                around.meters().sent(peer, body.length);
            } else {
                picker.unreachable(url);
                failed(failure);
            }
            pump();
        });
    }

    private void failed(String why) {
        status.deactivate(SHOWN, "write", why);
        around.meters().sendFailed(peer);
        around.inbound().unreachable(peer);
        if (why.equals(PostAnswer.REMOVED)) {
            around.inbound().removed();
        }
    }

    /// On the event loop.
    void close() {
        queue.clear();
        queued.set(QUEUE); // nothing is taken any more
        free.clear();
        callers.forEach(Caller::close);
        free.clear();
        around.log().info("stopped HTTP pipelining with peer " + Long.toHexString(peer));
    }
}
