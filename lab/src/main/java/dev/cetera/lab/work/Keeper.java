package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.lab.history.Outcome;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// Renews a lease over a stream again and again, one renewal after the answer to the other, and stops after a
/// while: the lease ends then, unless others renew it. When a stream breaks or falls silent, it goes on
/// through another one.
final class Keeper {
    private static final Span BETWEEN_RENEWALS = Span.ofMillis(50, 3_000);
    private static final int RENEWALS = 8;

    private final Site site;
    private final Workload.Plan plan;
    private final LeaseKeepAliveRequest request;
    private final int number;
    private final Runnable whenDone;
    private int left;
    private @Nullable Stream stream;

    Keeper(Site site, Workload.Plan plan, long lease, Runnable whenDone) {
        this.site = site;
        this.plan = plan;
        this.request = LeaseKeepAliveRequest.newBuilder().setID(lease).build();
        this.number = site.recorder().newClient();
        this.left = 1 + site.random().nextInt(RENEWALS);
        this.whenDone = whenDone;
    }

    void begin() {
        goOn(new Span(0, 0));
    }

    private void goOn(Span pause) {
        site.stage().in(pause.any(site.random()), this::next);
    }

    private void next() {
        if (plan.isOver() || left == 0) {
            if (stream != null) {
                stream.leave();
            }
            whenDone.run();
            return;
        }
        var current = stream;
        if (current == null) {
            var door = site.doors().any(site.random());
            if (door == null) {
                goOn(Site.AFTER_FAILURE);
                return;
            }
            current = new Stream(door);
            stream = current;
            current.open();
        }
        left--;
        current.renew();
    }

    /// What came of a renewal.
    private void done(Recorder.Entry renewal, Outcome outcome) {
        site.recorder().ended(renewal, outcome);
        if (outcome instanceof Outcome.Answered(Message response)) {
            site.lore().hear(request, response);
            if (response instanceof LeaseKeepAliveResponse told && told.getTTL() <= 0) {
                // The lease is no more. Asking once again must not bring it back.
                left = Math.min(left, 1);
            }
            goOn(BETWEEN_RENEWALS);
        } else {
            goOn(Site.AFTER_FAILURE);
        }
    }

    private final class Stream extends ClientCall.Listener<LeaseKeepAliveResponse> {
        private final Door door;
        private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;
        private Recorder.@Nullable Entry renewal;
        private boolean closed;

        Stream(Door door) {
            this.door = door;
            this.call = door.channel().newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
        }

        void open() {
            call.start(this, Exchange.headers(site.leader()));
            if (!closed) {
                call.request(Integer.MAX_VALUE);
            }
        }

        void renew() {
            var asked = site.recorder().called(number, door.member(), request);
            if (closed) {
                done(asked, new Outcome.Unknown("the stream broke at once"));
                return;
            }
            renewal = asked;
            call.sendMessage(request);
            site.stage().in(site.profile().patience().any(site.random()), () -> {
                if (renewal == asked) {
                    close();
                    call.cancel("the client has lost its patience", null);
                    end(new Outcome.Unknown("given up"));
                }
            });
        }

        /// There are no more renewals.
        void leave() {
            if (!closed) {
                close();
                if (site.once(2)) {
                    call.halfClose();
                } else {
                    call.cancel("the client does not need the lease any more", null);
                }
            }
        }

        private void close() {
            closed = true;
            stream = null;
        }

        private void end(Outcome outcome) {
            var ended = renewal;
            renewal = null;
            if (ended != null) {
                done(ended, outcome);
            }
        }

        @Override
        public void onMessage(LeaseKeepAliveResponse response) {
            if (!closed) {
                end(new Outcome.Answered(response));
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!closed) {
                close();
                end(Verdicts.of(request, status));
            }
        }
    }
}
