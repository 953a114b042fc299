package dev.cetera.rpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Calls the member's own services without a socket, so that whoever does is checked, counted and refused like
/// everybody else. Generated stubs work on it, but for the blocking ones. There is no thread: everything runs
/// on that of whoever brings it, but neither side of a call is ever entered twice at once, or from within
/// itself. Shared.
///
/// Of the call options neither executors nor deadlines are kept: whoever wants a deadline cancels.
public final class LocalCalls {
    /// For an answer that is wanted as it is written: the array is the caller's own.
    public static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new LocalCall.Bytes(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            if (stream instanceof LocalCall.Bytes bytes) {
                return bytes.all();
            }
            throw new IllegalStateException("only for calls within the member");
        }
    };

    private volatile @Nullable HandlerRegistry services;

    /// What is called from now on; before, every call is refused as by a stopped member.
    public void serve(HandlerRegistry registry) {
        services = registry;
    }

    /// A channel whose calls say who calls by their metadata alone.
    public Channel channel() {
        return as(new Metadata(), Attributes.EMPTY);
    }

    /// A channel whose calls are another one's.
    ///
    /// @param identity   added to each call's metadata
    /// @param attributes of the call that these calls serve; who has shown a certificate is known by them
    public Channel as(Metadata identity, Attributes attributes) {
        return new Channel() {
            @Override
            public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
                return new LocalCall<>(method, services, identity, attributes);
            }

            @Override
            public String authority() {
                return "local";
            }
        };
    }
}
