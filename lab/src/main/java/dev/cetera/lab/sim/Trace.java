package dev.cetera.lab.sim;

import java.util.ArrayDeque;
import java.util.stream.Collectors;

/// What happened, for two ends: the last of it is shown when a promise is broken, and a number made of all of
/// it tells whether two runs were the same. Confined.
final class Trace {
    /// Somebody who is shown every line at once.
    @FunctionalInterface
    interface Reader {
        Reader NOBODY = _ -> {};

        /// Something has happened.
        ///
        /// @param line has its text when it is asked for it
        void read(Object line);
    }

    private static final int SHOWN = 4_000;

    private record Line(long nanos, Object[] parts) {
        @Override
        public String toString() {
            var text = new StringBuilder(String.format("%12.6f", nanos / 1e9));
            for (var part : parts) {
                text.append(' ').append(part);
            }
            return text.toString();
        }
    }

    private final Timeline timeline;
    private final Reader reader;
    private final ArrayDeque<Line> lines = new ArrayDeque<>();
    private long hash;

    Trace(Timeline timeline, Reader reader) {
        this.timeline = timeline;
        this.reader = reader;
    }

    /// @param parts immutable, with the same text and hash in every run; they are only put together when shown
    void add(Object... parts) {
        if (lines.size() == SHOWN) {
            lines.remove();
        }
        var line = new Line(timeline.now(), parts);
        lines.add(line);
        reader.read(line);
        addUnseen(parts);
    }

    /// What would only hide the rest.
    void addUnseen(Object... parts) {
        fold(timeline.now());
        for (var part : parts) {
            fold(part.hashCode());
        }
    }

    private void fold(long number) {
        hash = (hash ^ number) * 0x100000001b3L;
        hash ^= hash >>> 29;
    }

    long hash() {
        return hash;
    }

    /// The newest lines, the last one at the end.
    String last(int count) {
        return lines.stream()
                .skip(Math.max(0, lines.size() - count))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
