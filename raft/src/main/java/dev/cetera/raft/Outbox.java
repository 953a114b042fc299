package dev.cetera.raft;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Messages and answers between two [Ready] values. Confined to its machine.
///
/// What speaks of this member's own vote or log ("I have it") goes by [#whenDurable]. A request for votes does
/// so too: otherwise a candidate that crashes could ask twice for the same term, win twice, and put two
/// entries in one place.
final class Outbox {
    private List<Message> atOnce = new ArrayList<>();
    private List<Message> whenDurable = new ArrayList<>();
    private List<ReadState> reads = new ArrayList<>();

    void atOnce(Message message) {
        atOnce.add(message);
    }

    void whenDurable(Message message) {
        whenDurable.add(message);
    }

    /// As [#whenDurable]; the last acknowledgement speaks for those before it.
    void acknowledge(Message.AppendAccepted accepted) {
        if (!whenDurable.isEmpty()
                && whenDurable.getLast() instanceof Message.AppendAccepted last
                && last.to() == accepted.to()
                && last.term() == accepted.term()
                && last.index() <= accepted.index()) {
            whenDurable.removeLast();
        }
        whenDurable.add(accepted);
    }

    void answer(ReadState read) {
        reads.add(read);
    }

    boolean isEmpty() {
        return atOnce.isEmpty() && whenDurable.isEmpty() && reads.isEmpty();
    }

    boolean hasWaiting() {
        return !whenDurable.isEmpty();
    }

    /// Nothing is on its way to the disk, so nothing needs to be waited for.
    void releaseWaiting() {
        atOnce.addAll(whenDurable);
        whenDurable.clear();
    }

    List<Message> takeAtOnce() {
        if (atOnce.isEmpty()) {
            return List.of();
        }
        var taken = atOnce;
        atOnce = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }

    List<Message> takeWhenDurable() {
        if (whenDurable.isEmpty()) {
            return List.of();
        }
        var taken = whenDurable;
        whenDurable = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }

    List<ReadState> takeReads() {
        if (reads.isEmpty()) {
            return List.of();
        }
        var taken = reads;
        reads = new ArrayList<>();
        return Collections.unmodifiableList(taken);
    }
}
