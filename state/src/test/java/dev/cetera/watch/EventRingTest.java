package dev.cetera.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.schema.KeyValue;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventRingTest {
    private static Changes changes(long revision, int valueBytes) {
        var kv = KeyValue.put(new byte[] {'k'}, 2, revision, revision - 1, new byte[valueBytes], 0);
        return new Changes(revision, List.of(new Event(Event.Type.PUT, kv)));
    }

    @Test
    void itHoldsTheNewestRevisionsAndNoOthers() {
        var ring = new EventRing(4, 1 << 20, 1);
        assertThat(ring.newest()).isEqualTo(1);
        for (long revision = 2; revision <= 20; revision++) {
            ring.append(changes(revision, 10));
            assertThat(ring.newest()).isEqualTo(revision);
            for (long r = 0; r <= revision + 4; r++) {
                assertThat(ring.get(r) != null).isEqualTo(r >= Math.max(2, revision - 3) && r <= revision);
            }
        }
    }

    @Test
    void itHoldsNoMoreBytesThanAllowedButAlwaysTheNewest() {
        var ring = new EventRing(16, 3000, 1);
        for (long revision = 2; revision <= 9; revision++) {
            ring.append(changes(revision, 1000));
        }
        assertThat(ring.get(7)).isNull();
        assertThat(ring.get(8)).isNotNull();
        assertThat(ring.get(9)).isNotNull();
        ring.append(changes(10, 100_000));
        assertThat(ring.get(9)).isNull();
        assertThat(ring.get(10)).isNotNull();
        ring.append(changes(11, 10));
        assertThat(ring.get(10)).isNull();
    }

    @Test
    void itForgetsEverythingWhenTheStoreIsReplaced() {
        var ring = new EventRing(8, 1 << 20, 1);
        ring.append(changes(2, 10));
        ring.restart(40);
        assertThat(ring.newest()).isEqualTo(40);
        assertThat(ring.get(2)).isNull();
        ring.append(changes(41, 10));
        assertThat(ring.get(41)).isNotNull();
    }

    @Test
    void aGapIsRefused() {
        var ring = new EventRing(8, 1 << 20, 1);
        assertThatThrownBy(() -> ring.append(changes(3, 10))).isInstanceOf(IllegalStateException.class);
    }
}
