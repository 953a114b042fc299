package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Member;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Wall clocks are set forward and back.
///
/// Confined to the round's thread.
final class ClockFaults {
    private static final int A_DAY = 86_400;

    private final Arena arena;
    private final Map<Member, Clock> clocks;

    /// @param clocks of the members that have one of their own
    ClockFaults(Arena arena, Map<Member, Clock> clocks) {
        this.arena = arena;
        this.clocks = clocks;
    }

    List<Fault> all() {
        return clocks.isEmpty() ? List.of() : List.of(new Fault("clock set", 12, this::set));
    }

    private void set() throws IOException, InterruptedException {
        Member victim = arena.victim();
        Clock clock = clocks.get(victim);
        if (clock == null) {
            return;
        }
        int most = arena.random().nextBoolean() ? 30 : A_DAY;
        int seconds = arena.random().nextInt(2 * most) - most;
        arena.note("the clock of " + victim.name() + " is set to " + seconds + " s from the right time");
        clock.set(seconds);
        arena.anyWhile(2000);
    }
}
