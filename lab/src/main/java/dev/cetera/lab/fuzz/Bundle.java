package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/// Several named files, or other parts, in one input.
///
/// ```
/// for each part: length of its name u8 | name | length u32 big-endian | bytes
/// ```
/// Any bytes are a bundle: what a length says beyond the end is cut there.
record Bundle(List<Part> parts) {
    record Part(String name, byte[] bytes) {}

    static Bundle of(String name, byte[] bytes) {
        return new Bundle(List.of(new Part(name, bytes)));
    }

    Bundle and(String name, byte[] bytes) {
        var more = new ArrayList<>(parts);
        more.add(new Part(name, bytes));
        return new Bundle(more);
    }

    static Bundle unpack(byte[] input) {
        var in = ByteBuffer.wrap(input);
        var parts = new ArrayList<Part>();
        while (in.hasRemaining()) {
            byte[] name = new byte[Math.min(in.get() & 0xff, in.remaining())];
            in.get(name);
            int length = in.remaining() < 4 ? in.remaining() : Math.clamp(in.getInt() & 0xffffffffL, 0, in.remaining());
            byte[] bytes = new byte[length];
            in.get(bytes);
            parts.add(new Part(new String(name, ISO_8859_1), bytes));
        }
        return new Bundle(parts);
    }

    byte[] pack() {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            byte[] name = part.name.getBytes(ISO_8859_1);
            out.write(Math.min(name.length, 255));
            out.write(name, 0, Math.min(name.length, 255));
            out.writeBytes(ByteBuffer.allocate(4).putInt(part.bytes.length).array());
            out.writeBytes(part.bytes);
        }
        return out.toByteArray();
    }

    /// The parts' contents changed by these, now and then a part's name, number or place.
    static Mutation within(Mutation... inner) {
        return (input, random) -> {
            var parts = new ArrayList<>(unpack(input).parts);
            if (parts.isEmpty()) {
                return Havoc.ONCE.apply(input, random);
            }
            int at = random.nextInt(parts.size());
            if (random.nextInt(12) == 0) {
                rearrange(parts, at, random);
            } else {
                var part = parts.get(at);
                byte[] changed = inner[random.nextInt(inner.length)].apply(part.bytes, random);
                parts.set(at, new Part(part.name, changed));
            }
            return new Bundle(parts).pack();
        };
    }

    private static void rearrange(List<Part> parts, int at, Random random) {
        var part = parts.get(at);
        switch (random.nextInt(4)) {
            case 0 -> parts.remove(at);
            case 1 -> parts.add(new Part(renamed(part.name, random), part.bytes));
            case 2 -> parts.set(at, new Part(renamed(part.name, random), part.bytes));
            default -> {
                int other = random.nextInt(parts.size());
                parts.set(at, new Part(part.name, parts.get(other).bytes));
            }
        }
    }

    private static String renamed(String name, Random random) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        if (bytes.length > 0 && random.nextInt(4) != 0) {
            // Mostly another digit, so that the form stays.
            bytes[random.nextInt(bytes.length)] = (byte) "0123456789abcdef".charAt(random.nextInt(16));
            return new String(bytes, ISO_8859_1);
        }
        return new String(Havoc.ONCE.apply(bytes, random), ISO_8859_1);
    }

    /// Every part changed in the same way.
    static UnaryOperator<byte[]> each(UnaryOperator<byte[]> how) {
        return input -> new Bundle(unpack(input).parts.stream()
                        .map(part -> new Part(part.name, how.apply(part.bytes)))
                        .toList())
                .pack();
    }

    @Override
    public String toString() {
        return Arrays.toString(parts.stream().map(Part::name).toArray());
    }
}
