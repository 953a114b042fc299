package dev.cetera.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.CodedOutputStream;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.node.Answer;
import dev.cetera.node.LongAnswer;
import dev.cetera.node.Node;
import dev.cetera.schema.KeyValue;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A range as a stream of partial answers, all of one moment, as etcd 3.7 has it: each but the last holds
/// key-values alone; the last one also the header, `more` and `count`. Merged they are what Range answers. A
/// piece is read when the client has taken the one before, so a long list takes little memory on both sides.
/// Shared.
final class RangeStream implements ServerCallHandler<InputStream, RangeStream.Chunk> {
    /// Of key-values in one message, about: well below what clients take by default.
    static final int CHUNK_BYTES = 256 * 1024;

    private static final Status SORTED =
            Status.UNIMPLEMENTED.withDescription("RangeStream does not support custom sort orders");
    private static final Status FILTERED =
            Status.UNIMPLEMENTED.withDescription("RangeStream does not support revision filters");

    private final Node node;
    private final int limit;
    private final KvService service;

    /// @param limit largest request in bytes
    RangeStream(Node node, int limit, KvService service) {
        this.node = node;
        this.limit = limit;
        this.service = service;
    }

    /// A partial answer.
    ///
    /// @param end what it ends with, null when there are more to come
    record Chunk(List<KeyValue> kvs, @Nullable RangeReply end) {
        static final MethodDescriptor.Marshaller<Chunk> MARSHALLER = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(Chunk value) {
                return new ByteArrayInputStream(value.encoded());
            }

            @Override
            public Chunk parse(InputStream stream) {
                throw new IllegalStateException("a server does not read range answers");
            }
        };

        /// The one field of a RangeStreamResponse.
        private static final int RESPONSE_TAG = 1 << 3 | 2;

        byte[] encoded() {
            try {
                var partial = new ByteArrayOutputStream();
                var coded = CodedOutputStream.newInstance(partial);
                if (end != null) {
                    end.writeBeginning(coded);
                }
                RangeReply.writeList(coded, kvs);
                if (end != null) {
                    end.writeEnd(coded);
                }
                coded.flush();
                var message = new ByteArrayOutputStream(partial.size() + 6);
                var outer = CodedOutputStream.newInstance(message);
                outer.writeUInt32NoTag(RESPONSE_TAG);
                outer.writeUInt32NoTag(partial.size());
                outer.flush();
                partial.writeTo(message);
                return message.toByteArray();
            } catch (IOException impossible) {
                throw new UncheckedIOException("memory can't be written", impossible);
            }
        }
    }

    @Override
    public ServerCall.Listener<InputStream> startCall(ServerCall<InputStream, Chunk> call, Metadata headers) {
        call.request(2); // one more than there may be, so that a second one shows
        return new Exchange(call);
    }

    private static @Nullable Status refusal(RangeRequest request) {
        var why = Checks.range(request);
        if (why != null) {
            return why.status();
        }
        boolean sorted = request.getSortOrder() != RangeRequest.SortOrder.NONE
                && !(request.getSortOrder() == RangeRequest.SortOrder.ASCEND
                        && request.getSortTarget() == RangeRequest.SortTarget.KEY);
        if (sorted) {
            return SORTED;
        }
        boolean filtered = request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
        return filtered ? FILTERED : null;
    }

    /// One call. Guarded by itself where the event loop and who reads the pieces meet.
    private final class Exchange extends ServerCall.Listener<InputStream> implements Answer<RangeReply> {
        private final ServerCall<InputStream, Chunk> call;
        private @Nullable RangeRequest request;
        /// Nothing of the listener answers any more: it has refused, or handed over.
        private boolean settled;

        /// Null before there is one, and after the end.
        @GuardedBy("this")
        private @Nullable Rest rest;

        /// A piece is being read.
        @GuardedBy("this")
        private boolean underWay;

        Exchange(ServerCall<InputStream, Chunk> call) {
            this.call = call;
        }

        @Override
        public void onMessage(InputStream message) {
            if (settled) {
                return;
            }
            if (request != null) {
                refuse(Status.INTERNAL.withDescription("Too many requests"));
                return;
            }
            try {
                request = Incoming.parse(message, RangeRequest.parser(), limit);
            } catch (StatusException unreadable) {
                refuse(unreadable.getStatus());
            }
        }

        @Override
        public void onHalfClose() {
            if (settled) {
                return;
            }
            var complete = request;
            if (complete == null) {
                refuse(Status.INTERNAL.withDescription("Half-closed without a request"));
                return;
            }
            var why = refusal(complete);
            if (why != null) {
                refuse(why);
                return;
            }
            settled = true;
            service.range(node.as(Callers.of(call)), complete, this);
        }

        private void refuse(Status why) {
            settled = true;
            call.close(why, new Metadata());
        }

        @Override
        public void refused(Refusal why) {
            if (!call.isCancelled()) {
                call.close(why.status(), new Metadata());
            }
        }

        @Override
        public void done(RangeReply reply) {
            var toBeRead = reply.rest();
            if (call.isCancelled()) {
                if (toBeRead != null) {
                    toBeRead.close();
                }
                return;
            }
            call.sendHeaders(new Metadata());
            if (toBeRead == null) {
                call.sendMessage(new Chunk(reply.answer().kvs(), reply));
                call.close(Status.OK, new Metadata());
                return;
            }
            synchronized (this) {
                rest = new Rest(reply, toBeRead);
            }
            goOn();
            if (call.isCancelled()) {
                onCancel(); // it may have been told before there was anything to close
            }
        }

        @Override
        public void onReady() {
            goOn();
        }

        @Override
        public void onCancel() {
            Rest over;
            synchronized (this) {
                over = rest;
                rest = null;
            }
            if (over != null) {
                over.answer.close();
            }
        }

        /// Has the next piece read if the client has room for it. Whether it has is looked at under the lock,
        /// and a sign of it comes after it is so: none is missed.
        private void goOn() {
            Rest next;
            synchronized (this) {
                next = rest;
                if (next == null || underWay || !call.isReady()) {
                    return;
                }
                underWay = true;
            }
            next.answer.next(CHUNK_BYTES, new Answer<>() {
                @Override
                public void done(List<KeyValue> kvs) {
                    send(next, kvs);
                }

                @Override
                public void refused(Refusal why) {
                    onCancel();
                    Exchange.this.refused(why);
                }
            });
        }

        private void send(Rest from, List<KeyValue> kvs) {
            if (kvs.isEmpty()) {
                onCancel();
                refused(Refusal.STOPPED); // or cancelled, and then nobody is told
                return;
            }
            for (var kv : kvs) {
                from.left -= kv.listedBytes();
            }
            boolean last = from.left == 0;
            synchronized (this) {
                if (rest == null) {
                    return; // cancelled meanwhile
                }
                if (last) {
                    rest = null;
                }
            }
            call.sendMessage(new Chunk(kvs, last ? from.reply : null));
            if (last) {
                call.close(Status.OK, new Metadata());
                return;
            }
            synchronized (this) {
                underWay = false; // not before it is sent: a call takes one message at a time
            }
            goOn();
        }
    }

    /// What is still to be read for a call. Confined to one reader after the other.
    private static final class Rest {
        final RangeReply reply;
        final LongAnswer answer;
        long left;

        Rest(RangeReply reply, LongAnswer answer) {
            this.reply = reply;
            this.answer = answer;
            this.left = answer.bytes();
        }
    }
}
