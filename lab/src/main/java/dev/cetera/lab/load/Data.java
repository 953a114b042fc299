package dev.cetera.lab.load;

import picocli.CommandLine.Option;

/// The options that say what a server holds.
final class Data {
    @Option(names = "--keys", description = "Size of the key space (${DEFAULT-VALUE}).")
    private int keys;

    @Option(names = "--key-size", description = "Bytes (${DEFAULT-VALUE}).")
    private int keySize = 8;

    @Option(names = "--val-size", description = "Bytes (${DEFAULT-VALUE}).")
    private int valueSize = 256;

    /// @param keys if nothing else is said
    Data(int keys) {
        this.keys = keys;
    }

    int keys() {
        return keys;
    }

    int keySize() {
        return keySize;
    }

    int valueSize() {
        return valueSize;
    }
}
