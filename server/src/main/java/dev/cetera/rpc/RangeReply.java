package dev.cetera.rpc;

import com.google.protobuf.CodedOutputStream;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.node.LongAnswer;
import dev.cetera.node.RangeAnswer;
import dev.cetera.schema.KeyValue;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A RangeResponse on its way out, never built as one: header, stored key-values, `more` and `count` are
/// written one after the other straight into the transport's buffers. Immutable, but for what it reads piece
/// by piece.
record RangeReply(ResponseHeader header, RangeAnswer answer) {
    private static final int HEADER_TAG = 1 << 3 | 2;
    private static final int KV_TAG = 2 << 3 | 2;

    static final MethodDescriptor.Marshaller<RangeReply> MARSHALLER = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(RangeReply value) {
            return new Encoded(value);
        }

        @Override
        public RangeReply parse(InputStream stream) {
            throw new IllegalStateException("a server does not read range answers");
        }
    };

    /// What is still to be read of it; null when it is all here.
    @Nullable
    LongAnswer rest() {
        return answer.rest();
    }

    /// The same answer with everything that was still to be read.
    RangeReply with(List<KeyValue> kvs) {
        return new RangeReply(header, new RangeAnswer(answer.revision(), kvs, answer.more(), answer.count()));
    }

    /// Bytes of the message.
    long size() {
        int header = header().getSerializedSize();
        long size = 1L + CodedOutputStream.computeUInt32SizeNoTag(header) + header;
        for (KeyValue kv : answer.kvs()) {
            size += kv.listedBytes();
        }
        var rest = answer.rest();
        if (rest != null) {
            size += rest.bytes();
        }
        if (answer.more()) {
            size += CodedOutputStream.computeBoolSize(RangeResponse.MORE_FIELD_NUMBER, true);
        }
        if (answer.count() != 0) {
            size += CodedOutputStream.computeInt64Size(RangeResponse.COUNT_FIELD_NUMBER, answer.count());
        }
        return size;
    }

    private void writeTo(OutputStream out) throws IOException {
        var coded = CodedOutputStream.newInstance(out, 512);
        writeBeginning(coded);
        writeList(coded, answer.kvs());
        writeEnd(coded);
        coded.flush();
    }

    void writeBeginning(CodedOutputStream coded) throws IOException {
        coded.writeUInt32NoTag(HEADER_TAG);
        coded.writeUInt32NoTag(header.getSerializedSize());
        header.writeTo(coded);
    }

    static void writeList(CodedOutputStream coded, List<KeyValue> kvs) throws IOException {
        for (KeyValue kv : kvs) {
            var bytes = kv.encoded();
            coded.writeUInt32NoTag(KV_TAG);
            coded.writeUInt32NoTag(bytes.length);
            coded.writeRawBytes(bytes);
        }
    }

    void writeEnd(CodedOutputStream coded) throws IOException {
        if (answer.more()) {
            coded.writeBool(RangeResponse.MORE_FIELD_NUMBER, true);
        }
        if (answer.count() != 0) {
            coded.writeInt64(RangeResponse.COUNT_FIELD_NUMBER, answer.count());
        }
    }

    /// The message as gRPC takes it: it asks for the size, then has it written out. Reading it byte by byte
    /// works too (a compressing transport does so) but copies. Confined to the call.
    private static final class Encoded extends InputStream implements KnownLength, Drainable {
        private @Nullable RangeReply reply;
        private @Nullable InputStream copy;
        private final int size;

        Encoded(RangeReply reply) {
            this.reply = reply;
            this.size = Math.toIntExact(reply.size());
        }

        @Override
        public int available() throws IOException {
            return copy != null ? copy.available() : reply != null ? size : 0;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            if (copy != null) {
                return (int) copy.transferTo(target);
            }
            if (reply == null) {
                return 0;
            }
            reply.writeTo(target);
            reply = null;
            return size;
        }

        @Override
        public int read() throws IOException {
            return copied().read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return copied().read(into, offset, length);
        }

        private InputStream copied() throws IOException {
            var there = copy;
            if (there == null) {
                var out = new ByteArrayOutputStream(size);
                if (reply != null) {
                    reply.writeTo(out);
                    reply = null;
                }
                there = new ByteArrayInputStream(out.toByteArray());
                copy = there;
            }
            return there;
        }
    }
}
