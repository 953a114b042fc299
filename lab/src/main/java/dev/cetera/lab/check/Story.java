package dev.cetera.lab.check;

import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.model.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happened, as [StrictSerializability] found it: the events of each revision and what made them.
/// Immutable.
public final class Story {
    /// One revision.
    ///
    /// @param events    in the order of their sub-revisions, each with the key-value before it as `prev_kv`
    /// @param operation that made them; null when the server ended a lease by itself
    /// @param lease     that ended with this revision, 0 for none
    /// @param notBefore it did not take effect before that time
    /// @param notAfter  somebody knew by then that it had; [Operation#NEVER] when nobody did
    public record Chapter(
            long revision,
            List<Event> events,
            @Nullable Operation operation,
            long lease,
            long notBefore,
            long notAfter) {
        public Chapter {
            events = List.copyOf(events);
        }
    }

    private final List<Chapter> chapters;
    private final State last;
    private final @Nullable String undecided;

    private Story(List<Chapter> chapters, State last, @Nullable String undecided) {
        this.chapters = List.copyOf(chapters);
        this.last = last;
        this.undecided = undecided;
    }

    /// @param chapters from revision 2 on, without a gap
    static Story of(List<Chapter> chapters, State last) {
        return new Story(chapters, last, null);
    }

    static Story undecided(String why) {
        return new Story(List.of(), State.EMPTY, why);
    }

    /// False when no order of the operations was found within the bounds of the search. Then there are no
    /// chapters, and nobody knows whether the history is right.
    public boolean isDecided() {
        return undecided == null;
    }

    /// Why the search gave up; null when it did not.
    public @Nullable String undecided() {
        return undecided;
    }

    /// One for each revision, from 2 on.
    public List<Chapter> chapters() {
        return chapters;
    }

    /// The newest revision that anybody knows of.
    public long revision() {
        return chapters.size() + 1L;
    }

    /// What happened at a revision, from 2 to [#revision].
    public Chapter chapter(long revision) {
        return chapters.get((int) revision - 2);
    }

    /// All keys in order, as they were at a revision.
    public List<KeyValue> keysAt(long revision) {
        return last.keysAt(revision);
    }

    /// At the end of all.
    State last() {
        return last;
    }
}
