package dev.cetera.schema;

import java.nio.charset.StandardCharsets;

/// The keys of [Bucket#META].
public enum MetaKey {
    /// Index of the last entry whose effects are all in the file; 8 bytes big-endian.
    CONSISTENT_INDEX("consistent_index"),
    /// Revision of the last compaction that was accepted, as a revision key.
    SCHEDULED_COMPACTION("scheduledCompactRev"),
    /// Revision of the last compaction that is done, as a revision key.
    FINISHED_COMPACTION("finishedCompactRev");

    private final String text;

    MetaKey(String text) {
        this.text = text;
    }

    /// The key in the file; a new array each time.
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
