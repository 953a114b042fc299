package dev.cetera.lab.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/// Changes that know nothing of the form: bits, stretches, numbers at the edges of their ranges.
final class Havoc implements Mutation {
    static final Havoc ONCE = new Havoc();

    /// Where readers go wrong.
    static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        7,
        8,
        127,
        128,
        255,
        256,
        511,
        512,
        4095,
        4096,
        0x7fff,
        0x8000,
        0xffff,
        0x10000,
        Integer.MAX_VALUE - 8L,
        Integer.MAX_VALUE,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        1L << 56,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -2
    };

    private static final int LONGEST_STRETCH = 256;

    private Havoc() {}

    static long extreme(Random random) {
        return random.nextInt(4) == 0
                ? random.nextLong() >>> random.nextInt(64)
                : EXTREMES[random.nextInt(EXTREMES.length)];
    }

    @Override
    public byte[] apply(byte[] input, Random random) {
        if (input.length == 0) {
            return insert(input, 0, noise(random));
        }
        int at = random.nextInt(input.length);
        int length = 1 + random.nextInt(Math.min(LONGEST_STRETCH, input.length - at));
        return switch (random.nextInt(14)) {
            case 0, 1 -> set(input, at, input[at] ^ 1 << random.nextInt(8));
            case 2 -> set(input, at, random.nextInt());
            case 3 -> set(input, at, input[at] + random.nextInt(33) - 16);
            case 4, 5 -> number(input, at, random);
            case 6 -> Arrays.copyOf(input, at);
            case 7 -> insert(Arrays.copyOf(input, at), at, Arrays.copyOfRange(input, at + length, input.length));
            case 8 -> insert(input, at, noise(random));
            case 9 -> insert(input, at, Arrays.copyOfRange(input, at, at + length));
            case 10 -> over(input, random.nextInt(input.length), Arrays.copyOfRange(input, at, at + length));
            case 11 -> insert(input, at, varint(extreme(random)));
            case 12 -> over(input, at, filled(length, random.nextBoolean() ? 0 : 0xff));
            default ->
                insert(input, at, Long.toString(extreme(random)).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        };
    }

    private static byte[] set(byte[] input, int at, int value) {
        byte[] changed = input.clone();
        changed[at] = (byte) value;
        return changed;
    }

    private static byte[] number(byte[] input, int at, Random random) {
        var order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        int width = 1 << random.nextInt(4);
        int place = random.nextBoolean() ? at : at / width * width;
        byte[] whole =
                ByteBuffer.allocate(8).order(order).putLong(extreme(random)).array();
        byte[] part = order == ByteOrder.LITTLE_ENDIAN
                ? Arrays.copyOf(whole, width)
                : Arrays.copyOfRange(whole, 8 - width, 8);
        return over(input, place, part);
    }

    static byte[] insert(byte[] input, int at, byte[] more) {
        byte[] longer = Arrays.copyOf(input, input.length + more.length);
        System.arraycopy(more, 0, longer, at, more.length);
        System.arraycopy(input, at, longer, at + more.length, input.length - at);
        return longer;
    }

    private static byte[] over(byte[] input, int at, byte[] with) {
        byte[] changed = input.clone();
        System.arraycopy(with, 0, changed, at, Math.min(with.length, input.length - at));
        return changed;
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[1 + random.nextInt(16)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] filled(int length, int value) {
        byte[] filled = new byte[length];
        Arrays.fill(filled, (byte) value);
        return filled;
    }

    static byte[] varint(long value) {
        var out = new ByteArrayOutputStream();
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }
}
