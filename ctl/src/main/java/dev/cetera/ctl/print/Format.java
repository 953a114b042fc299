package dev.cetera.ctl.print;

import java.util.Optional;

/// What `--write-out` asks for.
public enum Format {
    SIMPLE,
    FIELDS,
    JSON,
    PROTOBUF,
    TABLE;

    /// By the name that the flag takes.
    public static Optional<Format> named(String name) {
        return switch (name) {
            case "simple" -> Optional.of(SIMPLE);
            case "fields" -> Optional.of(FIELDS);
            case "json" -> Optional.of(JSON);
            case "protobuf" -> Optional.of(PROTOBUF);
            case "table" -> Optional.of(TABLE);
            default -> Optional.empty();
        };
    }

    public String flag() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
