package dev.cetera.node;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Remembers what was told before, so that what somebody else can cause at will is not told again and again.
/// Bounded: the oldest is forgotten, and may be told once more.
///
/// Shared: one synchronized set.
final class Once {
    private static final class Bounded extends LinkedHashMap<String, Boolean> {
        private static final long serialVersionUID = 1;

        private final int most;

        Bounded(int most) {
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > most;
        }
    }

    private final Set<String> told;

    Once(int most) {
        told = Collections.synchronizedSet(Collections.newSetFromMap(new Bounded(most)));
    }

    /// Whether it was not told before.
    boolean first(String what) {
        return told.add(what);
    }
}
