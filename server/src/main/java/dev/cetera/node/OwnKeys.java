package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.cluster.MemberId;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.KvHash;
import dev.cetera.raft.Role;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// This member's keys, and what it does where they are not as the others'. Shared: it has no state.
final class OwnKeys implements CorruptionCheck.Self {
    private static final Logger LOG = System.getLogger("etcdserver");

    private final Engine engine;
    private final LongWork work;

    OwnKeys(Engine engine, LongWork work) {
        this.engine = engine;
        this.work = work;
    }

    @Override
    public void hash(Answer<KvHash> answer) {
        work.later(answer, () -> {
            switch (engine.machine().store().hashKv(0)) {
                case Found<KvHash>(var found) -> answer.done(found);
                case dev.cetera.mvcc.Answer.Refused<KvHash>(var why) -> answer.refused(why);
            }
        });
    }

    @Override
    public void linearize(Answer<Long> answer) {
        engine.linearize(answer);
    }

    @Override
    public boolean leads() {
        return engine.status().role() == Role.LEADER;
    }

    @Override
    public void raiseCorrupt(long member) {
        var alarm = AlarmRequest.newBuilder()
                .setMemberID(member)
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setAlarm(AlarmType.CORRUPT);
        engine.propose(InternalRaftRequest.newBuilder().setAlarm(alarm), new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {}

            @Override
            public void refused(Refusal why) {
                LOG.log(
                        Level.WARNING,
                        "failed to raise the alarm CORRUPT for {0} ({1})",
                        MemberId.text(member),
                        why.text());
            }
        });
    }
}
