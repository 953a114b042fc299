package dev.cetera.raft;

import java.util.ArrayList;
import java.util.List;

/// Member 1, the test being all others. Its disk and its state machine are as fast as can be. Confined to the
/// test's thread.
final class LoneMember {
    static final ConfState THREE = ConfState.of(List.of(1L, 2L, 3L));
    static final byte[] DATA = {7};

    final Raft raft;
    final List<Entry> applied = new ArrayList<>();
    final List<Snapshot> restored = new ArrayList<>();
    final List<ReadState> reads = new ArrayList<>();
    HardState remembered;

    LoneMember(RaftConfig config, Recovered recovered) {
        raft = new Raft(config, recovered);
        remembered = recovered.hardState();
    }

    /// A member of three whose log after a snapshot at 1/1 has entries of these terms.
    static LoneMember withLog(long... terms) {
        return in(THREE, terms);
    }

    static LoneMember in(ConfState conf, long... terms) {
        return new LoneMember(RaftConfig.defaults(1, 1), recovered(conf, 0, 1, terms));
    }

    static Recovered recovered(ConfState conf, long vote, long commit, long... terms) {
        var log = new ArrayList<Entry>();
        long term = 1;
        for (long each : terms) {
            log.add(entry(each, log.size() + 2));
            term = each;
        }
        return new Recovered(new HardState(term, vote, commit), new SnapshotMeta(1, 1, conf), log, 1);
    }

    static Entry entry(long term, long index) {
        return new Entry(term, index, EntryType.NORMAL, DATA);
    }

    static Message.Append append(long from, long term, long prevTerm, long prevIndex, long commit, Entry... entries) {
        return new Message.Append(1, from, term, prevTerm, prevIndex, List.of(entries), commit);
    }

    static Message.Heartbeat heartbeat(long from, long term, long commit) {
        return new Message.Heartbeat(1, from, term, commit, Message.NO_CONTEXT);
    }

    static Message.VoteRequest voteRequest(long from, long term, long lastTerm, long lastIndex) {
        return new Message.VoteRequest(1, from, term, Message.Campaign.ELECTION, lastTerm, lastIndex);
    }

    static Message.VoteReply vote(long from, long term) {
        return new Message.VoteReply(1, from, term, Message.Ballot.VOTE, true);
    }

    static Message.AppendAccepted accepted(long from, long term, long index) {
        return new Message.AppendAccepted(1, from, term, index);
    }

    /// What it says to a message that it must not object to.
    List<Message> hears(Message message) {
        var objection = raft.step(message);
        if (objection != null) {
            throw new AssertionError(objection.text());
        }
        return settle();
    }

    /// What it says after it has written and applied all that there is.
    List<Message> settle() {
        var sent = new ArrayList<Message>();
        while (raft.hasReady()) {
            var ready = raft.ready();
            sent.addAll(ready.send());
            var write = ready.write();
            if (write != null) {
                remembered = write.hardState();
                sent.addAll(write.then());
                raft.persisted(write.done());
                if (write.snapshot() != null) {
                    restored.add(write.snapshot());
                    raft.applied(write.snapshot().meta().index());
                }
            }
            reads.addAll(ready.reads());
            ready.apply().forEach(this::apply);
        }
        return sent;
    }

    private void apply(Entry entry) {
        switch (entry.type()) {
            case NORMAL -> {}
            case CONF_CHANGE -> raft.confChanged(FakeMember.decode(entry.data()));
            case CONF_CHANGE_V2 -> raft.confChanged(FakeMember.decodeV2(entry.data()));
        }
        applied.add(entry);
        raft.applied(entry.index());
    }

    List<Message> timesOut() {
        for (int tick = 0; tick < 20; tick++) {
            raft.tick();
            if (raft.status().role() == Role.CANDIDATE) {
                return settle();
            }
        }
        throw new AssertionError("no election: " + raft.status());
    }

    /// Has it elected by all voters; it has then told its first entry to everybody.
    LoneMember leads() {
        raft.campaign();
        settle();
        for (long voter : raft.confState().voters()) {
            if (raft.status().role() == Role.CANDIDATE && voter != 1) {
                hears(vote(voter, term()));
            }
        }
        if (raft.status().role() != Role.LEADER) {
            throw new AssertionError("not elected: " + raft.status());
        }
        return this;
    }

    long term() {
        return raft.status().term();
    }

    long commit() {
        return raft.status().commit();
    }

    Role role() {
        return raft.status().role();
    }

    /// The terms of the entries after the snapshot that it has begun with.
    List<Long> terms() {
        var terms = new ArrayList<Long>();
        for (long index = raft.firstIndex(); index <= raft.lastIndex(); index++) {
            terms.add(raft.termAt(index));
        }
        return terms;
    }

    static <T extends Message> T only(Class<T> type, List<Message> messages) {
        var found = messages.stream().filter(type::isInstance).map(type::cast).toList();
        if (found.size() != 1) {
            throw new AssertionError("one " + type.getSimpleName() + " in " + messages);
        }
        return found.getFirst();
    }
}
