package dev.cetera.node;

import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Membership;
import dev.cetera.logs.Log;
import dev.cetera.raft.Message;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Decides which messages of other members come in: those that are for this member, from somebody who was not
/// removed, as long as there is room. Proposals have room of their own, so that clients of other members can't
/// keep heartbeats out.
///
/// Shared: atomics, and a set with a lock of its own.
final class Arrivals {
    /// As many as etcd takes of each kind.
    static final int MAX_PROPOSALS = 4_096;

    static final int MAX_OTHERS = 4_096;

    /// Of all that wait; one message of any size fits when nothing else does. A leader that sends faster than
    /// this is worked off sends again.
    static final long MAX_BYTES = 64L << 20;

    /// Counted for every entry beside its data.
    private static final int ENTRY_BYTES = 64;

    /// Whose refusal is remembered, to be told once; an id comes from the message and could be anything.
    private static final int MAX_TOLD = 128;

    private static final Log LOG = Log.of("rafthttp");

    private final long memberId;
    private final Supplier<Membership> members;
    private final AtomicInteger proposals = new AtomicInteger();
    private final AtomicInteger others = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Once told = new Once(MAX_TOLD);

    Arrivals(long memberId, Supplier<Membership> members) {
        this.memberId = memberId;
        this.members = members;
    }

    /// True when the message may go to the raft loop, which must [#release] it when it is done with it.
    boolean admit(Message message) {
        var complaint = complaint(message);
        if (complaint != null) {
            refused(complaint, complaint);
            return false;
        }
        var count = counter(message);
        int most = message instanceof Message.Propose ? MAX_PROPOSALS : MAX_OTHERS;
        long size = bytes(message);
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > MAX_BYTES && bytes.get() != size) {
            bytes.addAndGet(-size);
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    void release(Message message) {
        bytes.addAndGet(-bytes(message));
        counter(message).decrementAndGet();
    }

    /// A message made no sense here: it is counted, and told once.
    ///
    /// @param kind what is told of only once
    void refused(String kind, String complaint) {
        refused.incrementAndGet();
        if (told.first(kind)) {
            LOG.warning(complaint);
        }
    }

    /// Messages that made no sense here, since the start.
    long refused() {
        return refused.get();
    }

    private @Nullable String complaint(Message message) {
        if (message.from() == memberId && !message.isPassedOn()) {
            return "ignored a message from member " + MemberId.text(message.from()) + ", which is this one";
        }
        if (message.to() != memberId) {
            return "ignored a message for member " + MemberId.text(message.to()) + " from member "
                    + MemberId.text(message.from());
        }
        if (members.get().isRemoved(message.from())) {
            return "reject message from removed member " + MemberId.text(message.from());
        }
        return null;
    }

    private AtomicInteger counter(Message message) {
        return message instanceof Message.Propose ? proposals : others;
    }

    private static long bytes(Message message) {
        return switch (message) {
            case Message.Append append ->
                append.entries().stream()
                        .mapToLong(entry -> entry.data().length + ENTRY_BYTES)
                        .sum();
            case Message.Propose propose ->
                propose.payloads().stream()
                        .mapToLong(payload -> payload.data().length + ENTRY_BYTES)
                        .sum();
            case Message.InstallSnapshot install -> install.snapshot().data().length;
            default -> ENTRY_BYTES;
        };
    }
}
