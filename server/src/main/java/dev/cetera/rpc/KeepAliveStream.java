package dev.cetera.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.InputStream;

/// LeaseKeepAlive: one answer for each request, in order. The next request is taken only when the one before
/// has its answer, so a stream holds one renewal at a time. Shared.
final class KeepAliveStream implements ServerCallHandler<InputStream, LeaseKeepAliveResponse> {
    private final Node node;
    private final Headers headers;
    private final int limit;

    KeepAliveStream(Node node, int limit) {
        this.node = node;
        this.headers = new Headers(node);
        this.limit = limit;
    }

    @Override
    public ServerCall.Listener<InputStream> startCall(
            ServerCall<InputStream, LeaseKeepAliveResponse> call, Metadata metadata) {
        call.request(1);
        return new Stream(call, node.as(Callers.of(call)));
    }

    /// Guarded by itself: requests come on the event loop, answers from anywhere.
    private final class Stream extends ServerCall.Listener<InputStream> implements Answer<LeaseKeepAliveResponse> {
        private final ServerCall<InputStream, LeaseKeepAliveResponse> call;
        /// As the caller may use it.
        private final Node view;

        @GuardedBy("this")
        private boolean renewing;

        @GuardedBy("this")
        private boolean noMoreRequests;

        @GuardedBy("this")
        private boolean answered;

        @GuardedBy("this")
        private boolean closed;

        Stream(ServerCall<InputStream, LeaseKeepAliveResponse> call, Node view) {
            this.call = call;
            this.view = view;
        }

        @Override
        public void onMessage(InputStream message) {
            LeaseKeepAliveRequest request;
            synchronized (this) {
                if (closed) {
                    return;
                }
                try {
                    request = Incoming.parse(message, LeaseKeepAliveRequest.parser(), limit);
                } catch (StatusException unreadable) {
                    close(unreadable.getStatus());
                    return;
                }
                renewing = true;
            }
            view.leaseRenew(request.getID(), this);
        }

        @Override
        public synchronized void done(LeaseKeepAliveResponse value) {
            renewing = false;
            if (closed) {
                return;
            }
            if (!answered) {
                answered = true;
                call.sendHeaders(new Metadata());
            }
            call.sendMessage(value.toBuilder()
                    .setHeader(headers.complete(value.getHeader()))
                    .build());
            if (noMoreRequests) {
                close(Status.OK);
            } else {
                call.request(1);
            }
        }

        @Override
        public synchronized void refused(Refusal why) {
            close(why.status());
        }

        @Override
        public synchronized void onHalfClose() {
            noMoreRequests = true;
            if (!renewing) {
                close(Status.OK);
            }
        }

        @Override
        public synchronized void onCancel() {
            closed = true;
        }

        @GuardedBy("this")
        private void close(Status status) {
            if (!closed) {
                closed = true;
                call.close(status, new Metadata());
            }
        }
    }
}
