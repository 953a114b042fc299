package dev.cetera.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.wal.Wal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogViewTest {
    private static final Path DIR = Path.of("/member/wal");

    private final FakeDisk disk = new FakeDisk(1);
    private final List<String> told = new ArrayList<>();
    private final LogView view = new LogView(disk, DIR, new LogView.Listener() {
        @Override
        public void appended(Entry entry, long previousTerm) {
            told.add(entry.index() + "/" + entry.term() + " behind term " + previousTerm);
        }

        @Override
        public void promised(HardState before, HardState now) {}
    });

    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryType.NORMAL, new byte[10]);
    }

    private Wal begun() throws Exception {
        disk.put(DIR.resolveSibling("there"), new byte[0]);
        return Wal.create(disk, DIR, new Wal.Metadata(1, 2));
    }

    @Test
    void entriesThatWereReplacedBeforeTheNewestSnapshotAreNotTold() throws Exception {
        try (var wal = begun()) {
            wal.append(new HardState(4, 0, 1), List.of(entry(4, 1)));
            wal.append(new HardState(5, 0, 1), List.of(entry(5, 2), entry(5, 3), entry(5, 4)));
            wal.append(new HardState(6, 0, 3), List.of(entry(4, 2), entry(6, 3)));
            wal.saveSnapshot(new Wal.SnapshotMark(2, 4));
            wal.append(new HardState(6, 0, 3), List.of(entry(6, 4)));
            wal.sync();
            view.follow();
            assertThat(told).containsExactly("3/6 behind term 4", "4/6 behind term 6");
            wal.append(new HardState(7, 0, 3), List.of(entry(7, 4)));
            wal.sync();
            view.follow();
        }
        assertThat(told).last().isEqualTo("4/7 behind term 6");
    }

    @Test
    void entriesThatWereThereWhenTheSnapshotCameDontFollowIt() throws Exception {
        try (var wal = begun()) {
            wal.append(new HardState(4, 0, 1), List.of(entry(4, 1), entry(4, 2), entry(4, 3)));
            wal.saveSnapshot(new Wal.SnapshotMark(2, 5));
            wal.sync();
        }
        view.follow();
        assertThat(told).isEmpty();
        assertThat(view.baseIndex()).isEqualTo(2);
        assertThat(view.lastIndex()).isEqualTo(2);
    }
}
