package dev.cetera.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes what the leader of this member's term sends into the log, and says what of it is there (§5.3, §7).
/// Confined to its machine.
final class Intake {
    private final long id;
    private final Log log;
    private final Writes writes;
    private final Outbox outbox;

    /// Came from the leader and is in no write yet.
    private @Nullable Snapshot installing;

    Intake(long id, Log log, Writes writes, Outbox outbox) {
        this.id = id;
        this.log = log;
        this.writes = writes;
        this.outbox = outbox;
    }

    void append(Message.Append append) {
        if (append.prevIndex() < log.committed()) {
            acknowledge(append, log.committed());
        } else if (log.matches(append.prevIndex(), append.prevTerm())) {
            adopt(append.entries());
            log.commitTo(Math.min(append.commit(), append.lastIndex()));
            acknowledge(append, append.lastIndex());
        } else {
            long hint = log.lastWithTermAtMost(Math.min(append.prevIndex(), log.lastIndex()), append.prevTerm());
            outbox.atOnce(new Message.AppendRejected(
                    append.from(), id, append.term(), append.prevIndex(), hint, log.termAt(hint)));
        }
    }

    private void acknowledge(Message received, long index) {
        outbox.acknowledge(new Message.AppendAccepted(received.from(), id, received.term(), index));
    }

    /// Appends what is new; the first entry that differs takes all that follow it with it (§5.3).
    private void adopt(List<Entry> entries) {
        for (var entry : entries) {
            long index = entry.index();
            if (index <= log.lastIndex()) {
                if (log.matches(index, entry.term())) {
                    continue;
                }
                log.truncateFrom(index);
                writes.overwrittenFrom(index);
            }
            log.append(entry);
        }
    }

    void heartbeat(Message.Heartbeat heartbeat) {
        log.commitTo(heartbeat.commit());
        outbox.atOnce(new Message.HeartbeatReply(heartbeat.from(), id, heartbeat.term(), heartbeat.context()));
    }

    /// True when the snapshot takes the place of the log; false when the log has all of it.
    boolean install(Message.InstallSnapshot install) {
        var meta = install.snapshot().meta();
        if (meta.index() <= log.committed()) {
            acknowledge(install, log.committed());
            return false;
        }
        boolean replaces = !log.matches(meta.index(), meta.term());
        if (replaces) {
            writes.replacedBy(meta, log.committed());
            log.replaceBy(meta);
            installing = install.snapshot();
        } else {
            log.commitTo(meta.index());
        }
        acknowledge(install, meta.index());
        return replaces;
    }

    boolean hasSnapshot() {
        return installing != null;
    }

    /// What is to be written before the entries that follow it, once.
    @Nullable
    Snapshot takeSnapshot() {
        var taken = installing;
        installing = null;
        return taken;
    }
}
