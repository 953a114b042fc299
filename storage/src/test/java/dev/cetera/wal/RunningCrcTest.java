package dev.cetera.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunningCrcTest {
    @Test
    void theCheckValueOfTheStandardComesOut() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        var crc = new RunningCrc(0);
        crc.update(digits, 0, digits.length);
        assertThat(crc.value()).isEqualTo(0xE3069283);
    }

    @Test
    void itAgreesWithTheBitwiseVersionFromAnySeed() {
        for (long seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            int value = seed == 0 ? 0 : random.nextInt();
            byte[] bytes = new byte[random.nextInt(70)];
            random.nextBytes(bytes);
            int offset = random.nextInt(bytes.length + 1);
            var crc = new RunningCrc(value);
            assertThat(crc.value()).as("seed %d, nothing added", seed).isEqualTo(value);
            crc.update(bytes, offset, bytes.length - offset);
            assertThat(crc.value()).as("seed %d", seed).isEqualTo(bitwise(value, bytes, offset));
        }
    }

    @Test
    void aPieceAfterAnotherIsTheWhole() {
        var random = new Random(7);
        byte[] bytes = new byte[100_000];
        random.nextBytes(bytes);
        var whole = new RunningCrc(0);
        whole.update(bytes, 0, bytes.length);
        var first = new RunningCrc(0);
        first.update(bytes, 0, 33_333);
        var second = new RunningCrc(first.value());
        second.update(bytes, 33_333, bytes.length - 33_333);
        assertThat(second.value()).isEqualTo(whole.value()).isEqualTo(bitwise(0, bytes, 0));
    }

    @Test
    void restartingForgetsWhatWasBefore() {
        var crc = new RunningCrc(5);
        crc.update(new byte[] {1, 2, 3}, 0, 3);
        crc.restart(0);
        assertThat(crc.value()).isZero();
        crc.restart(-1);
        assertThat(crc.value()).isEqualTo(-1);
    }

    private static int bitwise(int seed, byte[] bytes, int offset) {
        int register = ~seed;
        for (int i = offset; i < bytes.length; i++) {
            register ^= bytes[i] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                register = (register & 1) == 1 ? register >>> 1 ^ 0x82F63B78 : register >>> 1;
            }
        }
        return ~register;
    }
}
