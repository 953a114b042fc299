package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// How often clients have raised each counter.
final class Counts {
    private final SortedMap<ByteString, Workload.Count> counts =
            new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    void raised(ByteString counter) {
        add(counter, 1, 0);
    }

    void perhapsRaised(ByteString counter) {
        add(counter, 0, 1);
    }

    private void add(ByteString counter, long acknowledged, long open) {
        counts.merge(
                counter,
                new Workload.Count(acknowledged, open),
                (a, b) -> new Workload.Count(a.acknowledged() + b.acknowledged(), a.open() + b.open()));
    }

    Map<ByteString, Workload.Count> all() {
        return new TreeMap<>(counts);
    }
}
