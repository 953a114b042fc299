package dev.cetera.ctl.check;

import java.util.Optional;

/// How much a check asks of a cluster: etcdctl's four sizes of it.
public enum Load {
    SMALL(150, 10_000, 50),
    MEDIUM(1_000, 100_000, 200),
    LARGE(8_000, 1_000_000, 500),
    EXTRA_LARGE(15_000, 3_000_000, 1_000);

    private final int writesPerSecond;
    private final int pairs;
    private final int clients;

    Load(int writesPerSecond, int pairs, int clients) {
        this.writesPerSecond = writesPerSecond;
        this.pairs = pairs;
        this.clients = clients;
    }

    /// By the name that `--load` takes.
    public static Optional<Load> named(String name) {
        return switch (name) {
            case "s", "small" -> Optional.of(SMALL);
            case "m", "medium" -> Optional.of(MEDIUM);
            case "l", "large" -> Optional.of(LARGE);
            case "xl", "xLarge" -> Optional.of(EXTRA_LARGE);
            default -> Optional.empty();
        };
    }

    /// Aimed at when speed is checked.
    public int writesPerSecond() {
        return writesPerSecond;
    }

    /// Written when room is checked.
    public int pairs() {
        return pairs;
    }

    /// That write at the same time.
    public int clients() {
        return clients;
    }
}
