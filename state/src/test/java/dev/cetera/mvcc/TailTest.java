package dev.cetera.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.schema.KeyValue;
import dev.cetera.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TailTest {
    private record Change(long main, int sub, KeyValue kv) {}

    /// Revisions of one change and of several; let go of now and then. A slice sees its moment for ever.
    @Test
    void slicesAgreeWithAListForEver() {
        Seeds.forEach(20, seed -> {
            var random = new Random(seed);
            var tail = new Tail();
            var list = new ArrayList<Change>();
            long main = random.nextLong(1, 6);
            var slices = new ArrayList<Tail.Slice>();
            var lists = new ArrayList<List<Change>>();
            for (int round = 0; round < 60; round++, main++) {
                int changes = random.nextInt(4) > 0 ? 1 : 1 + random.nextInt(20);
                for (int sub = 0; sub < changes; sub++) {
                    var kv = KeyValue.put(new byte[] {1}, main, main, 1, new byte[] {(byte) sub}, 0);
                    tail.add(main, sub, false, kv);
                    list.add(new Change(main, sub, kv));
                }
                if (random.nextInt(10) == 0) {
                    long committed = main - random.nextInt(10);
                    assertThat(tail.trim(committed)).isEqualTo(list.removeIf(change -> change.main <= committed));
                }
                slices.add(tail.slice());
                lists.add(List.copyOf(list));
            }
            for (int i = 0; i < slices.size(); i++) {
                check(slices.get(i), lists.get(i), main);
            }
        });
    }

    private static void check(Tail.Slice slice, List<Change> list, long beyond) {
        assertThat(slice.size()).isEqualTo(list.size());
        for (long main = 0; main <= beyond; main++) {
            long from = main;
            assertThat(slice.position(main))
                    .isEqualTo(list.stream()
                            .takeWhile(change -> change.main < from)
                            .count());
            assertThat(slice.find(main, 1)).isSameAs(find(list, main, 1));
        }
        for (var change : list) {
            assertThat(slice.find(change.main, change.sub)).isSameAs(change.kv);
        }
    }

    private static @Nullable KeyValue find(List<Change> list, long main, int sub) {
        for (var change : list) {
            if (change.main == main && change.sub == sub) {
                return change.kv;
            }
        }
        return null;
    }
}
