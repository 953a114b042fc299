package dev.cetera.watch;

import java.util.ArrayList;
import java.util.List;

/// What is watched, apart from who watches it: all watchers that must be sent the same share one, so that
/// matching and encoding are done once for all of them. Confined to the hub's thread, but for the range and
/// view.
final class Interest {
    record Key(KeyRange range, View view) {}

    final Key key;
    /// Watchers of any place that refer to this.
    int users;
    /// Those in step; each knows its position, so that leaving costs nothing.
    private final List<Watcher> inStep = new ArrayList<>();
    /// Events of the round at hand.
    final List<EncodedEvent> gathered = new ArrayList<>();

    Interest(Key key) {
        this.key = key;
    }

    KeyRange range() {
        return key.range();
    }

    View view() {
        return key.view();
    }

    void join(Watcher watcher) {
        watcher.position = inStep.size();
        inStep.add(watcher);
    }

    void leave(Watcher watcher) {
        var last = inStep.removeLast();
        if (last != watcher) {
            inStep.set(watcher.position, last);
            last.position = watcher.position;
        }
    }

    int inStepCount() {
        return inStep.size();
    }

    Watcher inStep(int position) {
        return inStep.get(position);
    }
}
