package dev.cetera.rpc;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.io.InputStream;

/// Messages as they arrive: the services parse them themselves, because only then can an oversized or
/// malformed one be refused in etcd's words.
final class Incoming {
    /// Hands the bytes through; they are read before the call that brought them returns.
    static final MethodDescriptor.Marshaller<InputStream> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(InputStream value) {
            return value;
        }

        @Override
        public InputStream parse(InputStream stream) {
            return stream;
        }
    };

    private Incoming() {}

    /// Reads one message. Its byte fields share one array with the message and are not copied again. What is
    /// unknown in it is dropped, as by etcd: it must not get into the log, where a known field of another
    /// type, which is unknown to protobuf for Java, makes an entry that no member can read.
    ///
    /// @param limit largest size in bytes
    static <T extends Message> T parse(InputStream in, Parser<T> parser, int limit) throws StatusException {
        byte[] bytes = read(in, limit);
        try {
            var coded = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            coded.enableAliasing(true);
            var message =
                    DiscardUnknownFieldsParser.wrap(parser).parseFrom(coded, ExtensionRegistryLite.getEmptyRegistry());
            coded.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException malformed) {
            throw Status.INTERNAL
                    .withDescription("grpc: error unmarshalling request: " + malformed.getMessage())
                    .asException();
        }
    }

    private static byte[] read(InputStream in, int limit) throws StatusException {
        try {
            if (in instanceof KnownLength) {
                int size = in.available();
                return size > limit ? tooLarge(size, limit) : in.readNBytes(size);
            }
            var bytes = in.readNBytes(limit + 1); // compressed: its size shows only now
            return bytes.length > limit ? tooLarge(bytes.length, limit) : bytes;
        } catch (IOException broken) {
            throw Status.INTERNAL
                    .withDescription("grpc: " + broken.getMessage())
                    .asException();
        }
    }

    private static byte[] tooLarge(int size, int limit) throws StatusException {
        throw Status.RESOURCE_EXHAUSTED
                .withDescription("grpc: received message larger than max (" + size + " vs. " + limit + ")")
                .asException();
    }
}
