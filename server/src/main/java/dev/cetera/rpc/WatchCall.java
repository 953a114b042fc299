package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.node.Answer;
import dev.cetera.node.Caller;
import dev.cetera.watch.Hub;
import dev.cetera.watch.KeyRange;
import dev.cetera.watch.Outlet;
import dev.cetera.watch.Response;
import dev.cetera.watch.View;
import dev.cetera.watch.WatchSpec;
import dev.cetera.watch.WatchStream;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// One client's watch call. Its events (messages, readiness, the end) arrive on an event loop and only become
/// commands for the [WatchTurns]; everything that is done to the call is done by whoever turns that, so its
/// order is the hub's order.
///
/// The client's half-close means nothing: events keep flowing until the call is cancelled.
final class WatchCall extends ServerCall.Listener<WatchRequest> implements Outlet {
    /// Bytes that may wait in the transport before the call counts as not ready: what a client that does not
    /// read can make the member hold, but for one response.
    private static final int BYTES_IN_TRANSPORT = 64 << 10;

    /// Go's form of the error; clients look for it.
    private static final String DENIED =
            "rpc error: code = PermissionDenied desc = " + Refusal.PERMISSION_DENIED.text();

    /// Whether a call ends when the cluster loses its leader.
    enum Leader {
        NEEDED,
        NOT_NEEDED
    }

    private final ServerCall<WatchRequest, WatchMessage> call;
    private final WatchTurns watching;
    private final Leader leader;

    // ---- whoever turns it only ----
    /// Of the last watch; all of them come with the same token or certificate.
    private Caller caller = new Caller.Nobody();

    private @Nullable WatchStream stream;
    private boolean ended;

    WatchCall(ServerCall<WatchRequest, WatchMessage> call, WatchTurns watching, Leader leader) {
        this.call = call;
        this.watching = watching;
        this.leader = leader;
    }

    /// Called on the event loop, before anybody else has the call.
    void begin() {
        call.setOnReadyThreshold(BYTES_IN_TRANSPORT);
        call.sendHeaders(new Metadata());
        watching.open(this);
    }

    // ---- event loop ----

    @Override
    public void onMessage(WatchRequest request) {
        switch (request.getRequestUnionCase()) {
            case CREATE_REQUEST -> create(request.getCreateRequest());
            case CANCEL_REQUEST -> {
                long id = request.getCancelRequest().getWatchId();
                command((hub, open) -> hub.cancel(open, id));
            }
            case PROGRESS_REQUEST -> command(Hub::progress);
            case REQUESTUNION_NOT_SET -> command(Hub::ignore);
        }
    }

    /// The one place where a watch begins. Who the caller is, is asked with each: a token may have ended since
    /// the last one.
    private void create(WatchCreateRequest request) {
        var proof = Callers.proof(call);
        var token = proof.token();
        var name = proof.name();
        if (token == null) {
            create(request, name == null ? new Caller.Nobody() : new Caller.Named(name));
            return;
        }
        watching.member().identify(token, new Answer<>() {
            @Override
            public void done(Caller known) {
                create(request, known);
            }

            @Override
            public void refused(Refusal why) {
                command((hub, open) -> hub.refuse(open, DENIED));
            }
        });
    }

    /// The range is judged exactly as the client sent it: its end is what tells one key from all that follow.
    private void create(WatchCreateRequest request, Caller known) {
        var spec = spec(request);
        command((hub, open) -> {
            if (mayWatch(known, spec.range())) {
                caller = known;
                hub.create(open, spec);
            } else {
                hub.refuse(open, DENIED);
            }
        });
    }

    private boolean mayWatch(Caller who, KeyRange range) {
        return watching.member().mayWatch(who, range.key(), range.rangeEnd());
    }

    @Override
    public void onReady() {
        command(Hub::ready);
    }

    @Override
    public void onCancel() {
        watching.execute(hub -> close(hub));
    }

    @Override
    public void onComplete() {
        watching.execute(hub -> close(hub));
    }

    private static WatchSpec spec(WatchCreateRequest request) {
        boolean puts = true;
        boolean deletes = true;
        for (var filter : request.getFiltersList()) {
            switch (filter) {
                case NOPUT -> puts = false;
                case NODELETE -> deletes = false;
                case UNRECOGNIZED -> {} // as etcd: a filter of a later release filters nothing
            }
        }
        return new WatchSpec(
                KeyRange.of(
                        request.getKey().toByteArray(), request.getRangeEnd().toByteArray()),
                new View(puts, deletes, request.getPrevKv()),
                request.getStartRevision(),
                request.getWatchId(),
                request.getProgressNotify(),
                request.getFragment());
    }

    private void command(WatchTurns.StreamCommand command) {
        watching.execute(hub -> {
            if (stream != null) {
                command.run(hub, stream);
            }
        });
    }

    // ---- whoever turns it ----

    /// Registers the call with the hub, unless it has ended before it began.
    void open(Hub hub, long nowNanos) {
        stream = hub.open(this, nowNanos);
    }

    /// Rights have changed: ends the watches that are not the caller's to have any more. How old the rights
    /// are that its token was given under is no matter for a watch that it has already.
    void judgeAgain(Hub hub) {
        var who = caller instanceof Caller.Dated(var user, long _) ? new Caller.Named(user) : caller;
        if (stream != null) {
            hub.revoke(stream, range -> mayWatch(who, range), DENIED);
        }
    }

    boolean needsLeader() {
        return leader == Leader.NEEDED;
    }

    /// Ends the call from our side.
    void end(Hub hub, Status status) {
        if (!ended) {
            close(hub);
            call.close(status, new Metadata());
        }
    }

    private void close(Hub hub) {
        ended = true;
        if (stream != null) {
            hub.close(stream);
            stream = null;
        }
        watching.forget(this);
    }

    @Override
    public boolean ready() {
        return !ended && call.isReady();
    }

    @Override
    public void send(Response response) {
        call.sendMessage(WatchMessage.of(watching.header(response.revision()), response));
    }

    @Override
    public void nextRequest() {
        call.request(1);
    }
}
