package dev.cetera.lab.work;

import dev.cetera.api.Refusal;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/// Root's token, which goes with the calls of all who have nothing to do with users: they are to go on with
/// their work while access control comes and goes. Confined.
final class RootPass implements ClientInterceptor {
    static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private String token = "";
    private boolean wanted;

    Channel on(Channel channel) {
        return ClientInterceptors.intercept(channel, this);
    }

    /// Empty for none.
    String token() {
        return token;
    }

    /// @param fresh empty when none is given
    void renew(String fresh) {
        token = fresh;
        wanted = false;
    }

    /// Whether somebody was turned away who would not have been with a good token.
    boolean isWanted() {
        return wanted;
    }

    /// Somebody who came as root was told this.
    void told(String text) {
        wanted |= isForAToken(text) || isDenial(text);
    }

    /// Root is denied nothing. A watch is told so whatever is wrong, in a text with more before it.
    static boolean isDenial(String text) {
        return text.endsWith(Refusal.PERMISSION_DENIED.text());
    }

    /// Whether somebody with another token might be told something else.
    static boolean isForAToken(String text) {
        return text.equals(Refusal.INVALID_TOKEN.text()) || text.equals(Refusal.USER_EMPTY.text());
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> responses, Metadata headers) {
                if (!token.isEmpty()) {
                    headers.put(TOKEN, token);
                }
                super.start(
                        new SimpleForwardingClientCallListener<>(responses) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                var text = status.getDescription();
                                if (text != null) {
                                    told(text);
                                }
                                super.onClose(status, trailers);
                            }
                        },
                        headers);
            }
        };
    }
}
