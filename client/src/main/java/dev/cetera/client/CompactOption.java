package dev.cetera.client;

/// How to compact.
///
/// @param waits for what the answer waits
public record CompactOption(Waits waits) {
    public static final CompactOption DEFAULTS = new CompactOption(Waits.UNTIL_AGREED);

    /// `UNTIL_REMOVED` answers only when the member that was asked has taken the old revisions off its disk.
    public enum Waits {
        UNTIL_AGREED,
        UNTIL_REMOVED
    }

    public CompactOption waitingUntilRemoved() {
        return new CompactOption(Waits.UNTIL_REMOVED);
    }
}
