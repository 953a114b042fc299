package dev.cetera.lab.sim;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/// Messages as bytes.
final class SimWire {
    private SimWire() {}

    static byte[] bytes(InputStream message) {
        try (message) {
            return message.readAllBytes();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // they come from memory
        }
    }

    /// A message for the trace: its text is only made when somebody looks, and its hash is that of its bytes,
    /// which is the same in every process.
    record Shown(Object message, byte[] bytes) {
        private static final int MOST_CHARACTERS = 400;

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Shown shown && Arrays.equals(bytes, shown.bytes);
        }

        @Override
        public String toString() {
            var text = message instanceof Message known
                    ? TextFormat.printer().emittingSingleLine(true).printToString(known)
                    : bytes.length + " bytes";
            return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "...";
        }
    }
}
