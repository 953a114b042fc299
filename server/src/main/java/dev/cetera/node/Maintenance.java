package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.HashResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.KvHash;
import dev.cetera.raft.Status;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// What operators ask of a member: its state, its file, its alarms. Shared: it has no state.
final class Maintenance {
    private static final Logger LOG = System.getLogger("etcdserver/api/v3rpc");

    private final Engine engine;
    private final Requests requests;
    private final LongWork work;

    Maintenance(Engine engine, Requests requests, LongWork work) {
        this.engine = engine;
        this.requests = requests;
        this.work = work;
    }

    void alarm(Door door, AlarmRequest request, Answer<AlarmResponse> answer) {
        requests.propose(door, InternalRaftRequest.newBuilder().setAlarm(request), AlarmResponse.class, answer);
    }

    void status(Answer<StatusResponse> answer) {
        Status status = engine.status();
        var backend = engine.machine().backend();
        var response = StatusResponse.newBuilder()
                .setDbSize(backend.size())
                .setDbSizeInUse(backend.sizeInUse())
                .setLeader(status.leader())
                .setRaftIndex(engine.appliedIndex())
                .setRaftAppliedIndex(engine.appliedIndex())
                .setRaftTerm(status.term());
        if (status.leader() == 0) {
            response.addErrors(Refusal.NO_LEADER.text());
        }
        for (var alarm : engine.machine().alarms().list()) {
            response.addErrors(
                    "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " alarm:" + alarm.getAlarm() + " ");
        }
        answer.done(response.build());
    }

    void defragment(Answer<DefragmentResponse> answer) {
        work.later(answer, () -> {
            long began = engine.time().nanos();
            try {
                engine.machine().backend().defragment();
                engine.meters().defragmented(engine.time().nanos() - began);
            } catch (IOException failed) {
                if (!engine.machine().backend().isWritable()) {
                    throw failed;
                }
                // The old file is still there and in use; mostly there was no room for a second one.
                LOG.log(Level.ERROR, "failed to defragment the storage backend ({0})", failed.getMessage());
                answer.refused(Refusal.NO_SPACE);
                return;
            }
            answer.done(DefragmentResponse.getDefaultInstance());
        });
    }

    void hash(Answer<HashResponse> answer) {
        work.later(answer, () -> {
            long began = engine.time().nanos();
            int hash = engine.machine().backend().hash();
            engine.meters().hashed(engine.time().nanos() - began);
            answer.done(HashResponse.newBuilder().setHash(hash).build());
        });
    }

    void hashKv(long revision, Answer<HashKVResponse> answer) {
        // Whoever asks for the hash of now learns only from the header when that was.
        boolean current = revision <= 0;
        work.later(answer, () -> {
            long began = engine.time().nanos();
            var hash = engine.machine().store().hashKv(revision);
            engine.meters().hashedKeys(engine.time().nanos() - began);
            switch (hash) {
                case Found<KvHash>(var found) ->
                    answer.done(HashKVResponse.newBuilder()
                            .setHeader(ResponseHeader.newBuilder().setRevision(current ? found.revision() : 0))
                            .setHash(found.hash())
                            .setCompactRevision(found.compactRevision())
                            .build());
                case dev.cetera.mvcc.Answer.Refused<KvHash>(var why) -> answer.refused(why);
            }
        });
    }

    void snapshot(Answer<SnapshotSource> answer) {
        work.later(answer, () -> {
            engine.machine().backend().commit();
            answer.done(new BackendImage(engine.machine().backend().snapshot(), _ -> {}));
        });
    }
}
