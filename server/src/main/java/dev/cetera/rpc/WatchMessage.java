package dev.cetera.rpc;

import com.google.protobuf.CodedOutputStream;
import dev.cetera.watch.Response;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// A `WatchResponse` on its way to the wire. Of its own it has only the fields before `events`; the events'
/// bytes are shared with all others who are sent the same, and are copied once, into the transport's buffer.
/// Immutable.
final class WatchMessage {
    private static final int HEADER = 1;
    private static final int WATCH_ID = 2;
    private static final int CREATED = 3;
    private static final int CANCELED = 4;
    private static final int COMPACT_REVISION = 5;
    private static final int CANCEL_REASON = 6;
    private static final int FRAGMENT = 7;

    private final byte[] head;
    private final Response response;

    private WatchMessage(byte[] head, Response response) {
        this.head = head;
        this.response = response;
    }

    /// @param header an encoded `ResponseHeader`
    static WatchMessage of(byte[] header, Response response) {
        var head = new byte[headSize(header, response)];
        var out = CodedOutputStream.newInstance(head);
        try {
            out.writeByteArray(HEADER, header);
            if (response.watchId() != 0) {
                out.writeInt64(WATCH_ID, response.watchId());
            }
            if (response.created()) {
                out.writeBool(CREATED, true);
            }
            if (response.canceled()) {
                out.writeBool(CANCELED, true);
            }
            if (response.compactRevision() != 0) {
                out.writeInt64(COMPACT_REVISION, response.compactRevision());
            }
            if (!response.cancelReason().isEmpty()) {
                out.writeString(CANCEL_REASON, response.cancelReason());
            }
            if (response.fragment()) {
                out.writeBool(FRAGMENT, true);
            }
            out.checkNoSpaceLeft();
        } catch (IOException wrongSize) {
            throw new IllegalStateException("the size of a watch response was not foreseen", wrongSize);
        }
        return new WatchMessage(head, response);
    }

    private static int headSize(byte[] header, Response response) {
        int size = CodedOutputStream.computeByteArraySize(HEADER, header);
        if (response.watchId() != 0) {
            size += CodedOutputStream.computeInt64Size(WATCH_ID, response.watchId());
        }
        if (response.created()) {
            size += CodedOutputStream.computeBoolSize(CREATED, true);
        }
        if (response.canceled()) {
            size += CodedOutputStream.computeBoolSize(CANCELED, true);
        }
        if (response.compactRevision() != 0) {
            size += CodedOutputStream.computeInt64Size(COMPACT_REVISION, response.compactRevision());
        }
        if (!response.cancelReason().isEmpty()) {
            size += CodedOutputStream.computeStringSize(CANCEL_REASON, response.cancelReason());
        }
        if (response.fragment()) {
            size += CodedOutputStream.computeBoolSize(FRAGMENT, true);
        }
        return size;
    }

    int size() {
        return Math.toIntExact(head.length + response.events().size());
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(head);
        response.events().writeTo(out);
    }

    /// The message as gRPC takes it: of known length, and copied straight into its buffers.
    InputStream stream() {
        return new Body(this);
    }

    /// Confined to whoever reads it. Reading byte by byte, which gRPC does not do, costs a copy.
    private static final class Body extends InputStream implements KnownLength, Drainable {
        private final WatchMessage message;
        private @Nullable InputStream copy;
        private boolean drained;

        Body(WatchMessage message) {
            this.message = message;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            if (copy != null || drained) {
                return Math.toIntExact(bytes().transferTo(target));
            }
            drained = true;
            message.writeTo(target);
            return message.size();
        }

        @Override
        public int available() {
            try {
                return copy == null && !drained ? message.size() : bytes().available();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }

        @Override
        public int read() throws IOException {
            return bytes().read();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            return bytes().read(into, from, length);
        }

        private InputStream bytes() throws IOException {
            var made = copy;
            if (made == null) {
                var out = new ByteArrayOutputStream(drained ? 0 : message.size());
                if (!drained) {
                    message.writeTo(out);
                }
                made = new ByteArrayInputStream(out.toByteArray());
                copy = made;
            }
            return made;
        }
    }
}
