package dev.cetera.wal;

import java.util.zip.CRC32C;

/// A CRC-32C that can go on from a stored value. Confined.
///
/// The JDK's [CRC32C] uses the processor's instructions but always begins at 0. Four bytes can bring it to any
/// value, because each step of the register over a 32-bit word is one to one; so those four bytes are found,
/// and fed first.
final class RunningCrc {
    /// Castagnoli, bits reflected. Its top bit is set: that is what makes a step reversible.
    private static final int POLYNOMIAL = 0x82F63B78;

    private final CRC32C crc = new CRC32C();

    RunningCrc(int value) {
        restart(value);
    }

    void restart(int value) {
        crc.reset();
        if (value == 0) {
            return;
        }
        int register = ~value;
        for (int bit = 0; bit < 32; bit++) {
            register = register < 0 ? (register ^ POLYNOMIAL) << 1 | 1 : register << 1;
        }
        int word = ~register;
        crc.update(word);
        crc.update(word >>> 8);
        crc.update(word >>> 16);
        crc.update(word >>> 24);
    }

    void update(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
    }

    int value() {
        return (int) crc.getValue();
    }
}
