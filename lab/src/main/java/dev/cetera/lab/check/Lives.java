package dev.cetera.lab.check;

import dev.cetera.lab.history.History;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Times in which a member surely was not started anew: a stream to it lasted. Immutable once made.
final class Lives {
    /// @param from  the first answer of a stream
    /// @param until the last one, of this or others that lasted meanwhile
    record Life(long from, long until) {
        /// Whether the member answered a call in this life. A call from before may have found it dead at
        /// first.
        boolean contains(long called, long ended) {
            return from <= called && ended <= until;
        }
    }

    private final Map<String, List<Life>> byMember = new HashMap<>();

    Lives(History history) {
        var streams = new HashMap<String, List<Life>>();
        for (var watch : history.watches()) {
            for (var leg : watch.legs()) {
                if (!leg.told().isEmpty()) {
                    streams.computeIfAbsent(leg.member(), _ -> new ArrayList<>())
                            .add(new Life(
                                    leg.told().getFirst().at(),
                                    leg.told().getLast().at()));
                }
            }
        }
        streams.forEach((member, lives) -> byMember.put(member, joined(lives)));
    }

    private static List<Life> joined(List<Life> lives) {
        lives.sort(Comparator.comparingLong(Life::from));
        var joined = new ArrayList<Life>();
        for (var life : lives) {
            var last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && life.from() <= last.until()) {
                joined.set(joined.size() - 1, new Life(last.from(), Math.max(last.until(), life.until())));
            } else {
                joined.add(life);
            }
        }
        return joined;
    }

    List<Life> of(String member) {
        return byMember.getOrDefault(member, List.of());
    }
}
