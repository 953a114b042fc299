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

    /// They were written before the snapshot that a later leader's entries led to.
    @Test
    void entriesOfAnOlderTermAreNoneThatFollowTheNewestSnapshot() throws Exception {
        disk.put(DIR.resolveSibling("there"), new byte[0]);
        try (var wal = Wal.create(disk, DIR, new Wal.Metadata(1, 2))) {
            wal.append(new HardState(4, 0, 1), List.of(entry(4, 1), entry(4, 2), entry(4, 3), entry(4, 4)));
            wal.append(new HardState(5, 0, 3), List.of(entry(5, 2), entry(5, 3)));
            wal.saveSnapshot(new Wal.SnapshotMark(2, 5));
            wal.append(new HardState(5, 0, 3), List.of(entry(5, 4)));
            wal.sync();
        }
        view.follow();
        assertThat(told).containsExactly("3/5 behind term 5", "4/5 behind term 5");
        assertThat(view.baseIndex()).isEqualTo(2);
        assertThat(view.lastIndex()).isEqualTo(4);
    }
}
