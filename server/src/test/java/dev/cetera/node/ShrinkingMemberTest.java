package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.bolt.Shrinking;
import dev.cetera.disk.FakeDisk;
import dev.cetera.node.HandTurned.Settings;
import org.junit.jupiter.api.Test;

class ShrinkingMemberTest {
    private static final Shrinking SHRINKING = new Shrinking(16 << 10, 0.3, 32 << 10, 256 << 10);

    @Test
    void aMemberThatNobodyAsksForAnythingMakesItsFileShorter() throws Exception {
        var disk = new FakeDisk(1);
        try (var member = HandTurned.started(disk, Settings.DEFAULTS.withShrinking(SHRINKING))) {
            var backend = member.engine.machine().backend();
            for (int i = 0; i < 600; i++) {
                var _ = member.put("key" + i % 100, "v".repeat(1_000));
                member.settle();
            }
            beat(member);
            long before = backend.size();
            var _ = member.compact(member.engine.machine().store().view().revision());
            member.settle();
            for (int i = 0; i < 300; i++) {
                beat(member);
            }
            assertThat(before).isGreaterThan(600_000);
            assertThat(backend.size()).isLessThan(250_000);
            assertThat(disk.size(HandTurned.DB)).isLessThan(before / 2);
            assertThat(member.get("key7")).isEqualTo("v".repeat(1_000));
            long quiet = disk.operations();
            beat(member);
            assertThat(disk.operations()).isEqualTo(quiet);
            assertThat(member.fatal).isEmpty();
        }
    }

    private static void beat(HandTurned member) throws Exception {
        member.pass(100);
        member.engine.commit();
        member.settle();
    }
}
