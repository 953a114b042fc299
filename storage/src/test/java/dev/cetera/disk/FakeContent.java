package dev.cetera.disk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The bytes of one fake file: as the process sees them, and for each sector changed since the last sync what
/// it may still hold on the disk. Holes cost nothing. Guarded by the lock of its [FakeDisk].
final class FakeContent implements FakeNode {
    static final int SECTOR_BYTES = 512;
    static final int CHUNK_BYTES = 4096;
    private static final byte[] ZEROS = new byte[0];

    /// Older versions remembered of one sector; the durable one is always among them.
    private static final int MAX_VERSIONS = 4;

    /// A view handed out by [#map]: writes below its length are copied into it until its arena closes.
    private record View(byte[] bytes, MemorySegment.Scope scope) {}

    private byte[] @Nullable [] chunks = new byte[4][];
    private long size;
    private long reservedBytes;

    /// Sector number to its older contents, the durable one first.
    private final TreeMap<Long, List<byte[]>> unsynced = new TreeMap<>();

    /// Older sizes, the durable one first.
    private final List<Long> unsyncedSizes = new ArrayList<>();

    private final List<View> views = new ArrayList<>();

    /// After a failed sync the system takes the pages for clean: no later sync writes them, unless they are
    /// written again.
    private final Set<Long> abandoned = new HashSet<>();

    long size() {
        return size;
    }

    /// Blocks a write of this range would newly take, in bytes.
    long growth(long from, long to) {
        long bytes = 0;
        for (long at = Math.max(from - from % CHUNK_BYTES, reservedBytes); at < to; at += CHUNK_BYTES) {
            if (chunk(at) == null) {
                bytes += CHUNK_BYTES;
            }
        }
        return bytes;
    }

    long blockBytes() {
        long bytes = reservedBytes;
        for (long at = reservedBytes; at / CHUNK_BYTES < chunks.length; at += CHUNK_BYTES) {
            if (chunk(at) != null) {
                bytes += CHUNK_BYTES;
            }
        }
        return bytes;
    }

    private byte @Nullable [] chunk(long position) {
        long index = position / CHUNK_BYTES;
        return index < chunks.length ? chunks[(int) index] : null;
    }

    private byte[] chunkToWrite(long position) {
        int index = Math.toIntExact(position / CHUNK_BYTES);
        if (index >= chunks.length) {
            chunks = Arrays.copyOf(chunks, Math.max(index + 1, chunks.length * 2));
        }
        var chunk = chunks[index];
        if (chunk == null) {
            chunk = new byte[CHUNK_BYTES];
            chunks[index] = chunk;
        }
        return chunk;
    }

    int read(ByteBuffer dst, long position) {
        int wanted = (int) Math.min(dst.remaining(), Math.max(0, size - position));
        for (int done = 0; done < wanted; ) {
            long at = position + done;
            int inChunk = (int) (at % CHUNK_BYTES);
            int length = Math.min(wanted - done, CHUNK_BYTES - inChunk);
            var chunk = chunk(at);
            if (chunk == null) {
                dst.put(new byte[length]);
            } else {
                dst.put(chunk, inChunk, length);
            }
            done += length;
        }
        return wanted == 0 && dst.hasRemaining() ? -1 : wanted;
    }

    void write(ByteBuffer src, long position) {
        long end = position + src.remaining();
        for (long at = position; at < end; ) {
            rememberSector(at / SECTOR_BYTES);
            int length = (int) Math.min(end - at, SECTOR_BYTES - at % SECTOR_BYTES);
            int inChunk = (int) (at % CHUNK_BYTES);
            var chunk = chunkToWrite(at);
            src.get(chunk, inChunk, length);
            show(at, chunk, inChunk, length);
            at += length;
        }
        if (end > size) {
            resize(end);
        }
    }

    private void show(long position, byte[] from, int offset, int length) {
        views.removeIf(view -> !view.scope.isAlive());
        for (var view : views) {
            if (position < view.bytes.length) {
                int visible = (int) Math.min(length, view.bytes.length - position);
                System.arraycopy(from, offset, view.bytes, (int) position, visible);
            }
        }
    }

    private void rememberSector(long sector) {
        var versions = unsynced.computeIfAbsent(sector, _ -> new ArrayList<>(2));
        if (versions.size() == MAX_VERSIONS) {
            versions.remove(1);
        }
        versions.add(sector(sector));
        abandoned.remove(sector);
    }

    private byte[] sector(long sector) {
        var chunk = chunk(sector * SECTOR_BYTES);
        if (chunk == null) {
            return ZEROS;
        }
        int from = (int) (sector * SECTOR_BYTES % CHUNK_BYTES);
        return Arrays.copyOfRange(chunk, from, from + SECTOR_BYTES);
    }

    private void resize(long newSize) {
        if (newSize != size) {
            unsyncedSizes.add(size);
            size = newSize;
        }
    }

    void truncate(long newSize) {
        if (newSize < size) {
            zeroFrom(newSize, true);
            reservedBytes = Math.min(reservedBytes, (newSize + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
        }
        resize(newSize);
    }

    private void zeroFrom(long from, boolean remember) {
        long end = (long) chunks.length * CHUNK_BYTES;
        for (long at = from; at < end; ) {
            int length = (int) (SECTOR_BYTES - at % SECTOR_BYTES);
            var chunk = chunk(at);
            if (chunk != null) {
                if (remember) {
                    rememberSector(at / SECTOR_BYTES);
                }
                int inChunk = (int) (at % CHUNK_BYTES);
                Arrays.fill(chunk, inChunk, inChunk + length, (byte) 0);
                show(at, chunk, inChunk, length);
            }
            at += length;
        }
        for (int i = Math.toIntExact((from + CHUNK_BYTES - 1) / CHUNK_BYTES); i < chunks.length; i++) {
            chunks[i] = null;
        }
    }

    void allocate(long newSize) {
        reservedBytes = Math.max(reservedBytes, (newSize + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES);
        if (newSize > size) {
            resize(newSize);
        }
    }

    void sync() {
        unsynced.keySet().retainAll(abandoned);
        unsyncedSizes.clear();
    }

    void failSync() {
        abandoned.addAll(unsynced.keySet());
    }

    void flip(long position, int bit) {
        var chunk = chunkToWrite(position);
        int inChunk = (int) (position % CHUNK_BYTES);
        chunk[inChunk] ^= (byte) (1 << bit);
        show(position, chunk, inChunk, 1);
    }

    MemorySegment map(long length, Arena arena) {
        var bytes = new byte[Math.toIntExact(length)];
        read(ByteBuffer.wrap(bytes), 0);
        views.add(new View(bytes, arena.scope()));
        return MemorySegment.ofArray(bytes).asReadOnly();
    }

    /// All that was written, with the same doubts about what is durable.
    FakeContent copy() {
        var copy = new FakeContent();
        copy.chunks = new byte[chunks.length][];
        for (int i = 0; i < chunks.length; i++) {
            var chunk = chunks[i];
            copy.chunks[i] = chunk == null ? null : chunk.clone();
        }
        copy.size = size;
        copy.reservedBytes = reservedBytes;
        unsynced.forEach((sector, versions) -> copy.unsynced.put(sector, new ArrayList<>(versions)));
        copy.unsyncedSizes.addAll(unsyncedSizes);
        copy.abandoned.addAll(abandoned);
        return copy;
    }

    /// One of the contents the disk may hold when the power goes.
    FakeContent afterPowerLoss(Random random, Loss loss) {
        var left = copy();
        left.unsynced.clear();
        left.unsyncedSizes.clear();
        left.abandoned.clear();
        for (Map.Entry<Long, List<byte[]>> entry : unsynced.entrySet()) {
            int version = loss.pick(random, entry.getValue().size());
            if (version < entry.getValue().size()) {
                left.setSector(entry.getKey(), entry.getValue().get(version));
            }
        }
        int version = loss.pick(random, unsyncedSizes.size());
        if (version < unsyncedSizes.size()) {
            left.size = unsyncedSizes.get(version);
        }
        left.zeroFrom(left.size, false);
        return left;
    }

    private void setSector(long sector, byte[] bytes) {
        if (bytes.length == 0 && chunk(sector * SECTOR_BYTES) == null) {
            return;
        }
        int from = (int) (sector * SECTOR_BYTES % CHUNK_BYTES);
        System.arraycopy(
                bytes.length == 0 ? new byte[SECTOR_BYTES] : bytes,
                0,
                chunkToWrite(sector * SECTOR_BYTES),
                from,
                SECTOR_BYTES);
    }

    /// How much of what was not synced a power loss takes.
    enum Loss {
        ALL,
        NONE,
        ANY;

        static Loss pick(Random random) {
            return switch (random.nextInt(6)) {
                case 0 -> ALL;
                case 1 -> NONE;
                default -> ANY;
            };
        }

        /// Of `older` versions and the newest (whose number is `older`), the one that is left.
        int pick(Random random, int older) {
            return switch (this) {
                case ALL -> 0;
                case NONE -> older;
                // As likely the newest as not: half of the changes make it.
                case ANY -> older == 0 || random.nextBoolean() ? older : random.nextInt(older);
            };
        }
    }
}
