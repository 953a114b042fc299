package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
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

    /// Whether a call ends when the cluster loses its leader.
    enum Leader {
        NEEDED,
        NOT_NEEDED
    }

    private final ServerCall<WatchRequest, WatchMessage> call;
    private final WatchTurns watching;
    private final Leader leader;

    // ---- whoever turns it only ----
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
            case CREATE_REQUEST -> {
                // The one place where a watch begins, with the range exactly as the client sent it: a caller without
                // the right to read it is answered here, by Hub.refuse with the reason.
                var spec = spec(request.getCreateRequest());
                command((hub, open) -> hub.create(open, spec));
            }
            case CANCEL_REQUEST -> {
                long id = request.getCancelRequest().getWatchId();
                command((hub, open) -> hub.cancel(open, id));
            }
            case PROGRESS_REQUEST -> command(Hub::progress);
            case REQUESTUNION_NOT_SET -> command(Hub::ignore);
        }
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
