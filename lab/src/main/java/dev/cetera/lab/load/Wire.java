package dev.cetera.lab.load;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// etcd's methods as the generator calls them: encoded requests go in; of a unary response only the size comes
/// out.
final class Wire {
    static final MethodDescriptor<byte[], Integer> PUT = unary("etcdserverpb.KV", "Put");
    static final MethodDescriptor<byte[], Integer> RANGE = unary("etcdserverpb.KV", "Range");
    static final MethodDescriptor<byte[], Integer> TXN = unary("etcdserverpb.KV", "Txn");
    static final MethodDescriptor<byte[], byte[]> WATCH = stream("etcdserverpb.Watch", "Watch");
    static final MethodDescriptor<byte[], byte[]> KEEP_ALIVE = stream("etcdserverpb.Lease", "LeaseKeepAlive");

    private Wire() {}

    private static MethodDescriptor<byte[], Integer> unary(String service, String method) {
        return MethodDescriptor.newBuilder(new Bytes(), new Size())
                .setType(MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .build();
    }

    private static MethodDescriptor<byte[], byte[]> stream(String service, String method) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(MethodType.BIDI_STREAMING)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .build();
    }

    private static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new Encoded(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Size implements Marshaller<Integer> {
        @Override
        public InputStream stream(Integer size) {
            throw new IllegalStateException("a size is only received");
        }

        @Override
        public Integer parse(InputStream stream) {
            try {
                return stream.available();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Lets the transport take the array in one copy.
    private static final class Encoded extends ByteArrayInputStream implements KnownLength, Drainable {
        Encoded(byte[] message) {
            super(message);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int size = available();
            target.write(buf, pos, size);
            pos = count;
            return size;
        }
    }
}
