package dev.cetera.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.wal.Wal.SnapshotMark;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Real logs with random damage: what is read is right, or the damage is named; nothing crashes, hangs or
/// swells.
class DamagedLogTest {
    private static final List<String> LOGS =
            List.of("fresh-3.3", "rich-3.4", "joined-3.3", "segments", "tail-preallocated");

    @Test
    void anyDamageEndsInABeginningOfTheLogOrInANamedError() {
        for (long seed = 0; seed < 1_000; seed++) {
            try {
                damaged(seed);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void damaged(long seed) throws IOException {
        var random = new Random(seed);
        var name = LOGS.get(random.nextInt(LOGS.size()));
        var disk = Golden.disk(name);
        var start = name.equals("joined-3.3") ? new SnapshotMark(17, 2) : SnapshotMark.NONE;
        var whole = Wal.read(disk, Golden.DIR, start);
        damage(disk, random);
        var replay = attempt(() -> Wal.read(disk, Golden.DIR, start));
        // A log rewrites its tail now and then, so only entries that were never replaced can be compared by place.
        if (replay != null && !name.equals("segments")) {
            assertThat(whole.entries().subList(0, replay.entries().size())).isEqualTo(replay.entries());
        }
        attempt(() -> Wal.validSnapshots(disk, Golden.DIR));
        attempt(() -> {
            var opened = Wal.open(disk, Golden.DIR, start, (_, _) -> {});
            opened.wal().close();
            assertThat(Wal.open(disk, Golden.DIR, start, (_, _) -> {}).replay())
                    .as("opened again")
                    .isEqualTo(opened.replay());
            return opened.replay();
        });
    }

    private static void damage(FakeDisk disk, Random random) throws IOException {
        var names = disk.list(Golden.DIR);
        var path = Golden.DIR.resolve(names.get(random.nextInt(names.size())));
        byte[] bytes = disk.bytes(path);
        int places = 1 + random.nextInt(3);
        for (int i = 0; i < places && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(600)), (byte) 0);
            }
        }
        disk.put(path, bytes);
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws IOException;
    }

    private static <T> @Nullable T attempt(Attempt<T> attempt) throws IOException {
        try {
            return attempt.run();
        } catch (CorruptionException named) {
            assertThat(named).hasMessageContaining(Golden.DIR.toString());
            return null;
        }
    }

    @Test
    void randomBytesAreNeverMoreThanAMalformedMessage() {
        for (long seed = 0; seed < 5_000; seed++) {
            var random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = (byte) (random.nextInt(6) << 3 | random.nextInt(6));
            }
            for (var decoder : DECODERS) {
                try {
                    assertThat(decoder.decode(bytes)).isNotNull();
                } catch (MalformedException e) {
                    assertThat(e.getMessage()).isNotEmpty();
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + seed, e);
                }
            }
        }
    }

    private interface Decoder {
        Object decode(byte[] bytes) throws MalformedException;
    }

    private static final List<Decoder> DECODERS = List.of(
            RaftCodec::decodeEntry,
            RaftCodec::decodeHardState,
            RaftCodec::decodeConfState,
            RaftCodec::decodeConfChange,
            RaftCodec::decodeSnapshotMeta,
            RaftCodec::decodeSnapshot,
            WalCodec::decodeSnapshotMark,
            WalCodec::decodeMetadata);
}
