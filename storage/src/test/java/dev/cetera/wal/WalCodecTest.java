package dev.cetera.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.raftpb.MalformedException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WalCodecTest {
    @Test
    void everythingComesBackAsItWas() throws MalformedException {
        var random = new Random(1);
        for (int i = 0; i < 500; i++) {
            var mark = new Wal.SnapshotMark(random.nextLong() >>> 1, random.nextLong() >>> 1);
            assertThat(WalCodec.decodeSnapshotMark(WalCodec.encode(mark))).isEqualTo(mark);
            var metadata = new Wal.Metadata(random.nextLong(), random.nextLong());
            assertThat(WalCodec.decodeMetadata(WalCodec.encode(metadata))).isEqualTo(metadata);
        }
    }

    @Test
    void zerosAreWritten() {
        assertThat(WalCodec.encode(Wal.SnapshotMark.NONE)).containsExactly(0x08, 0, 0x10, 0);
    }
}
