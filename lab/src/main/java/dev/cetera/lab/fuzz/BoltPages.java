package dev.cetera.lab.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/// Changes pages of a bolt file: their headers, their elements, where they lead; and makes the checksums of
/// the two meta pages right again.
///
/// ```
/// header   id u64 | flags u16 | count u16 | overflow u32
/// element  leaf: flags u32 | pos u32 | key u32 | value u32      branch: pos u32 | key u32 | child u64
/// meta     header | magic u32 | version u32 | page size u32 | flags u32 | root u64 | sequence u64 | freelist u64
///          | high water u64 | txid u64 | FNV-1a u64
/// ```
final class BoltPages {
    private static final int HEADER = 16;
    private static final int ELEMENT = 16;
    private static final int META_END = 80;

    private BoltPages() {}

    static final Mutation MUTATION = (input, random) -> {
        int pageSize = pageSize(input);
        int pages = input.length / pageSize;
        if (pages < 3) {
            return Havoc.ONCE.apply(input, random);
        }
        byte[] changed = input.clone();
        var file = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        int page = random.nextInt(8) == 0 ? random.nextInt(2) : 2 + random.nextInt(pages - 2);
        int at = page * pageSize;
        if (page < 2) {
            meta(file, at, pages, random);
            return changed;
        }
        switch (random.nextInt(8)) {
            case 0 -> copy(changed, at, random.nextInt(pages) * pageSize, pageSize, 0);
            case 1 -> {
                // As the page that is there says it is, with another one's content.
                copy(changed, at, random.nextInt(pages) * pageSize, pageSize, 8);
            }
            case 2 -> header(file, at, random);
            case 3, 4, 5 -> element(file, at, pageSize, pages, random);
            case 6 -> {
                int inside = at + HEADER + random.nextInt(pageSize - HEADER);
                changed[inside] = (byte) random.nextInt();
            }
            default -> {
                int inside = at + HEADER + random.nextInt((pageSize - HEADER) / 8) * 8;
                file.putLong(inside, random.nextBoolean() ? random.nextInt(pages) : Havoc.extreme(random));
            }
        }
        return changed;
    };

    private static int pageSize(byte[] input) {
        if (input.length >= META_END) {
            int size = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).getInt(24);
            if (size >= 1024 && size <= 65536 && Integer.bitCount(size) == 1) {
                return size;
            }
        }
        return 4096;
    }

    private static void copy(byte[] file, int to, int from, int pageSize, int skipped) {
        System.arraycopy(
                Arrays.copyOfRange(file, from + skipped, from + pageSize), 0, file, to + skipped, pageSize - skipped);
    }

    private static void meta(ByteBuffer file, int at, int pages, Random random) {
        switch (random.nextInt(7)) {
            case 0 -> file.putInt(at + 24, random.nextBoolean() ? 1024 << random.nextInt(15) : random.nextInt());
            case 1 -> file.putLong(at + 32, random.nextInt(pages + 2));
            case 2 -> file.putLong(at + 48, random.nextBoolean() ? -1 : random.nextInt(pages + 2));
            case 3 -> file.putLong(at + 56, random.nextInt(pages + 4));
            case 4 -> file.putLong(at + 56, Havoc.extreme(random));
            case 5 -> file.putLong(at + 64, Havoc.extreme(random));
            default -> file.putLong(at + 32 + 8 * random.nextInt(5), Havoc.extreme(random));
        }
    }

    private static void header(ByteBuffer file, int at, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> file.putLong(at, Havoc.extreme(random));
            case 1 -> file.putShort(at + 8, (short) (1 << random.nextInt(6)));
            case 2 -> file.putShort(at + 10, (short) random.nextInt(random.nextBoolean() ? 0x10000 : 300));
            default -> file.putInt(at + 12, random.nextBoolean() ? random.nextInt(4) : (int) Havoc.extreme(random));
        }
    }

    private static void element(ByteBuffer file, int at, int pageSize, int pages, Random random) {
        int count = Math.min(file.getShort(at + 10) & 0xffff, (pageSize - HEADER) / ELEMENT);
        if (count == 0) {
            header(file, at, random);
            return;
        }
        int element = at + HEADER + ELEMENT * random.nextInt(count);
        boolean leaf = file.getShort(at + 8) == 2;
        int field = random.nextInt(4);
        if (leaf && field == 0) {
            file.putInt(element, random.nextInt(3));
        } else if (!leaf && field >= 2) {
            file.putLong(element + 8, random.nextInt(pages + 1));
        } else if (random.nextBoolean()) {
            int other = at + HEADER + ELEMENT * random.nextInt(count);
            int shift = (other - element) * random.nextInt(2);
            file.putInt(element + 4 * field, file.getInt(other + 4 * field) + shift);
        } else {
            file.putInt(
                    element + 4 * field, random.nextBoolean() ? random.nextInt(pageSize) : (int) Havoc.extreme(random));
        }
    }

    /// Both checksums as they should be.
    static byte[] repair(byte[] input) {
        byte[] repaired = input.clone();
        var file = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
        for (int at : new int[] {0, pageSize(input)}) {
            if (at + META_END <= repaired.length) {
                long hash = 0xcbf29ce484222325L;
                for (int i = at + 16; i < at + 72; i++) {
                    hash = (hash ^ (repaired[i] & 0xff)) * 0x100000001b3L;
                }
                file.putLong(at + 72, hash);
            }
        }
        return repaired;
    }
}
