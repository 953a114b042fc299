package dev.cetera.watch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// One client's stream and its watchers. A handle for its owner; confined to the hub's thread.
public final class WatchStream {
    /// No progress request is open.
    static final long NO_PROGRESS = Long.MAX_VALUE;

    final Outlet outlet;
    final Map<Long, Watcher> watchers = new HashMap<>();
    final Set<Watcher> behind = new LinkedHashSet<>();
    /// Answers that wait for the transport; they go before any events. Bounded: the next request is taken only
    /// when it is empty, and each watcher ends at most once.
    final Deque<Response> answers = new ArrayDeque<>();

    long nextId;
    /// A request is being answered; the next one is asked for when [#answers] is empty.
    boolean requestOpen;
    /// The revision that must have been dispatched before the open progress request is answered.
    long progressAt = NO_PROGRESS;
    long progressDueNanos;
    /// A page is being read for it.
    boolean reading;
    /// Stands in the hub's line for a page.
    boolean inLine;
    boolean closed;

    WatchStream(Outlet outlet) {
        this.outlet = outlet;
    }

    /// Whether events may be handed over now.
    boolean takesEvents() {
        return answers.isEmpty() && outlet.ready();
    }
}
