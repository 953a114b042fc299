package dev.cetera.lab.sim;

import dev.cetera.disk.FakeDisk;
import dev.cetera.lab.check.SameState;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.node.Engine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Bits that turn over on a disk while nobody looks. Confined.
final class Rot {
    /// What came of it.
    enum Outcome {
        /// The member did not start, and named the file.
        REFUSED,
        /// It started, and nothing was lost.
        HARMLESS,
        /// It started with other data, which a comparison of members shows. Pages of the database have no
        /// checksums.
        FOUND_BY_COMPARING
    }

    /// Opens a member on another disk than its own.
    @FunctionalInterface
    interface Opening {
        Engine open(FakeDisk disk) throws IOException;
    }

    /// What a disk writes in one piece.
    private static final int SECTOR_BYTES = 512;

    private static final Path DATABASE = Host.DATA.resolve("member/snap/db");

    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

    Map<Outcome, Integer> outcomes() {
        return outcomes;
    }

    void cameTo(Outcome outcome) {
        outcomes.merge(outcome, 1, Integer::sum);
    }

    /// Turns over one bit of a file that has a checksum: of a snapshot, or of the newest segment of the log
    /// (older ones may never be read again). In a log that is a bit of a record which is not the last one and
    /// has no piece of a sector that is all zero: damage to others, or to the length of a record, may look
    /// like a write that the power failed in, and such an end is cut off, as etcd does.
    ///
    /// @return which; null when there is none
    static @Nullable Path inLogOrSnapshot(FakeDisk disk, Random random) throws IOException {
        var newest = disk.files().keySet().stream()
                .filter(path -> path.toString().endsWith(".wal"))
                .max(Comparator.naturalOrder());
        var files = disk.files().entrySet().stream()
                .filter(file -> file.getValue().length > 0)
                .filter(file -> newest.filter(file.getKey()::equals).isPresent()
                        || file.getKey().toString().endsWith(".snap"))
                .toList();
        if (files.isEmpty()) {
            return null;
        }
        var file = files.get(random.nextInt(files.size()));
        boolean isLog = file.getKey().toString().endsWith(".wal");
        byte[] bytes = file.getValue();
        var place = isLog ? inRecord(bytes, random) : anywhere(bytes, random);
        if (place == null) {
            return null;
        }
        disk.flipBit(file.getKey(), place.at(), place.bit());
        return file.getKey();
    }

    private record Place(int at, int bit) {}

    private static Place anywhere(byte[] file, Random random) {
        return new Place(random.nextInt(file.length), random.nextInt(8));
    }

    /// A place in a record that is followed by another one; null when there is none, or when the record would
    /// then look as if the power had failed in it.
    private static @Nullable Place inRecord(byte[] log, Random random) {
        var frames = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
        var starts = new ArrayList<Integer>();
        while (frames.remaining() >= Long.BYTES) {
            long head = frames.getLong();
            // The length is in the low 7 bytes, the padding in the low 3 bits of the highest.
            long length = head & (1L << 56) - 1;
            long padded = length + (head >>> 56 & 7);
            if (length == 0 || padded > frames.remaining()) {
                break;
            }
            starts.add(frames.position());
            frames.position(frames.position() + Math.toIntExact(padded));
        }
        if (starts.size() < 2) {
            return null;
        }
        int record = random.nextInt(starts.size() - 1);
        int from = starts.get(record);
        int to = starts.get(record + 1) - Long.BYTES;
        var place = new Place(from + random.nextInt(to - from), random.nextInt(8));
        byte[] after = log.clone();
        after[place.at()] ^= (byte) (1 << place.bit());
        return looksTorn(after, from, to) ? null : place;
    }

    private static boolean looksTorn(byte[] log, int from, int to) {
        byte[] nothing = new byte[SECTOR_BYTES];
        for (int at = from; at < to; ) {
            int end = Math.min(to, (at / SECTOR_BYTES + 1) * SECTOR_BYTES);
            if (Arrays.equals(log, at, end, nothing, 0, end - at)) {
                return true;
            }
            at = end;
        }
        return false;
    }

    /// What a member would make of its database with one bit turned over. Tried on a copy: a member that
    /// serves such data breaks its promises, and nothing of its own could tell it.
    void tryDatabase(String name, FakeDisk disk, Random random, Opening opening) throws IOException {
        var sound = disk.copy();
        var rotten = disk.copy();
        rotten.limitCapacity(Long.MAX_VALUE); // one trouble at a time
        if (!rotten.exists(DATABASE) || rotten.size(DATABASE) == 0) {
            return;
        }
        var before = SameState.of(name, sound, DATABASE);
        rotten.flipBit(DATABASE, random.nextInt(Math.toIntExact(rotten.size(DATABASE))), random.nextInt(8));
        try {
            var engine = opening.open(rotten);
            try {
                var store = engine.machine().store();
                var _ = store.range(RangeQuery.between(new byte[] {0}, new byte[] {0}));
                var _ = store.hashKv(0);
            } finally {
                engine.close();
            }
            var after = SameState.of(name, rotten, DATABASE);
            boolean same = after.index() < before.index()
                    || SameState.difference(List.of(before, after)).isEmpty();
            cameTo(same ? Outcome.HARMLESS : Outcome.FOUND_BY_COMPARING);
        } catch (IOException refused) {
            Truth.check(names(refused, DATABASE), () -> name + " does not name its database: " + refused);
            cameTo(Outcome.REFUSED);
        } catch (RuntimeException untyped) {
            throw new IllegalStateException(name + " meets a database with a bit turned over", untyped);
        }
    }

    static boolean names(Throwable refused, Path file) {
        for (var cause = refused; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains(file.getFileName().toString())) {
                return true;
            }
        }
        return false;
    }
}
