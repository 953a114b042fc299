package dev.cetera.lab.work;

import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A watch of a client, over all of its streams: what it has been told of, and where it goes on from there.
final class Watching {
    private final Recorder recorder;
    private final Recorder.WatchEntry entry;
    private final WatchCreateRequest wanted;

    /// The first revision that it was not told of; 0 while that is whatever comes next.
    private long next;

    private Recorder.@Nullable LegEntry leg;
    private long id;
    private boolean created;
    private boolean leaving;
    private boolean ended;

    /// The parts of a response that is not whole yet. A client that does not get the rest has got none of it.
    private final List<Watch.Told> parts = new ArrayList<>();

    Watching(Recorder recorder, WatchCreateRequest wanted) {
        this.recorder = recorder;
        this.entry = recorder.watch();
        this.wanted = wanted;
        this.next = wanted.getStartRevision();
    }

    // ---- streams ----

    /// What to send on a new stream, from where it stopped on the last.
    WatchCreateRequest ask(String member, long wantedId) {
        var request =
                wanted.toBuilder().setStartRevision(next).setWatchId(wantedId).build();
        created = false;
        leg = recorder.asked(entry, member, request);
        return request;
    }

    /// What ends it is on its way.
    void leave() {
        leaving = true;
    }

    /// The stream has broken, and with it the leg.
    void broken() {
        parts.clear();
        if (leg != null && !ended) {
            if (leaving) {
                end(Watch.End.CANCELED_BY_CLIENT);
            } else {
                recorder.ended(leg, Watch.End.BROKEN);
            }
        }
        leg = null;
        created = false;
    }

    private void end(Watch.End how) {
        if (leg != null) {
            recorder.ended(leg, how);
        }
        ended = true;
    }

    // ---- what it is told ----

    /// A response to it, at `at`.
    void told(long at, WatchResponse response) {
        if (leg == null) {
            throw new IllegalStateException("told without having asked: " + response);
        }
        if (ended && leaving && response.getCanceled()) {
            // It was cancelled for a compaction while the request to cancel it was on its way: etcd answers that, too.
            return;
        }
        if (response.getFragment()) {
            parts.add(new Watch.Told(at, response));
            return;
        }
        for (var part : parts) {
            recorder.told(leg, part.at(), part.response());
        }
        parts.clear();
        recorder.told(leg, at, response);
        if (response.getCreated() && !created) {
            created = true;
            id = response.getWatchId();
            next = next == 0 ? response.getHeader().getRevision() + 1 : next;
        }
        if (response.getCanceled() && !ended) {
            boolean asAsked = leaving && response.getCompactRevision() == 0;
            end(asAsked ? Watch.End.CANCELED_BY_CLIENT : Watch.End.CANCELED_BY_MEMBER);
        } else if (response.getEventsCount() > 0) {
            var last = response.getEvents(response.getEventsCount() - 1);
            next = Math.max(next, last.getKv().getModRevision() + 1);
        } else if (!response.getCreated()) {
            next = Math.max(next, response.getHeader().getRevision() + 1);
        }
    }

    // ---- what it is ----

    /// On the stream that it has now; -1 when it was refused.
    long id() {
        return id;
    }

    /// It is there, and nobody has asked it to go.
    boolean isRunning() {
        return created && !ended && !leaving;
    }

    boolean isEnded() {
        return ended;
    }

    /// It runs, and has been told of everything up to `revision`.
    boolean knows(long revision) {
        return isRunning() && next > revision;
    }
}
