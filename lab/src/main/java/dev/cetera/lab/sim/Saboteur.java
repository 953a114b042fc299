package dev.cetera.lab.sim;

import dev.cetera.disk.FakeDisk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Carries out one [Sabotage], and lets everything be where there is none. Confined.
final class Saboteur {
    private final Sabotage sabotage;
    private final Truth truth;

    /// Of one leader's term: up to where each member has the leader's log, as far as the leader was told.
    private final Map<Long, Map<Long, Long>> matches = new HashMap<>();

    Saboteur(Sabotage sabotage, Truth truth) {
        this.sabotage = sabotage;
        this.truth = truth;
    }

    // ---- the disk ----

    FakeDisk spoil(FakeDisk disk) {
        if (sabotage == Sabotage.VOTE_NOT_PERSISTED || sabotage == Sabotage.ENTRIES_NOT_PERSISTED) {
            var unsynced = new Unsynced(disk);
            disk.skipSyncs(path -> path.startsWith(Host.LOG)
                    && path.toString().endsWith(".wal")
                    && unsynced.holdsEntries() == (sabotage == Sabotage.ENTRIES_NOT_PERSISTED));
        }
        return disk;
    }

    /// What was written to a log since its last sync.
    private static final class Unsynced implements LogView.Listener {
        private final LogView log;
        private boolean entries;

        Unsynced(FakeDisk disk) {
            log = new LogView(disk, Host.LOG, this);
        }

        boolean holdsEntries() {
            entries = false;
            try {
                log.follow();
            } catch (MalformedException damaged) {
                throw new IllegalStateException(damaged);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            return entries;
        }

        @Override
        public void appended(Entry entry, long previousTerm) {
            entries = true;
        }

        @Override
        public void promised(HardState before, HardState now) {}
    }

    // ---- the network ----

    /// What leaves instead of a message.
    List<Message> leaving(Host from, Message message) {
        return switch (sabotage) {
            case OLD_TERM_COUNTED -> List.of(countingOldTerms(from, message));
            case CONFIGURATION_EARLY -> List.of(committingChanges(message));
            default -> List.of(message);
        };
    }

    /// What comes back to the sender, as if the message had been answered at once.
    List<Message> echo(Message message) {
        if (sabotage == Sabotage.READ_WITHOUT_QUORUM
                && message instanceof Message.Heartbeat beat
                && beat.context().length > 0) {
            return List.of(new Message.HeartbeatReply(beat.from(), beat.to(), beat.term(), beat.context()));
        }
        return List.of();
    }

    void arriving(Message message) {
        if (message instanceof Message.AppendAccepted(long leader, long from, long term, long index)) {
            matches.computeIfAbsent(leader ^ term << 48, _ -> new HashMap<>()).merge(from, index, Math::max);
        }
    }

    private Message countingOldTerms(Host from, Message message) {
        return switch (message) {
            case Message.Append it ->
                new Message.Append(
                        it.to(),
                        it.from(),
                        it.term(),
                        it.prevTerm(),
                        it.prevIndex(),
                        it.entries(),
                        Math.max(it.commit(), counted(from, it)));
            case Message.Heartbeat it -> {
                long known = matches.getOrDefault(it.from() ^ it.term() << 48, Map.of())
                        .getOrDefault(it.to(), 0L);
                yield new Message.Heartbeat(
                        it.to(),
                        it.from(),
                        it.term(),
                        Math.max(it.commit(), Math.min(known, counted(from, it))),
                        it.context());
            }
            default -> message;
        };
    }

    /// The highest index that a quorum has.
    private long counted(Host leader, Message message) {
        var known = matches.getOrDefault(message.from() ^ message.term() << 48, Map.of());
        var sorted = truth.members().stream()
                .map(member -> member == message.from() ? leader.log().lastIndex() : known.getOrDefault(member, 0L))
                .sorted()
                .toList();
        return sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) / 2);
    }

    private static Message committingChanges(Message message) {
        if (!(message instanceof Message.Append append)) {
            return message;
        }
        long last = append.entries().stream()
                .filter(entry -> entry.type() != EntryType.NORMAL)
                .mapToLong(Entry::index)
                .max()
                .orElse(0);
        return new Message.Append(
                append.to(),
                append.from(),
                append.term(),
                append.prevTerm(),
                append.prevIndex(),
                append.entries(),
                Math.max(append.commit(), last));
    }
}
