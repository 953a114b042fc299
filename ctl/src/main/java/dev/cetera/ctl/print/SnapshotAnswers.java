package dev.cetera.ctl.print;

import java.util.List;

/// Answers about snapshot files.
public final class SnapshotAnswers {
    private SnapshotAnswers() {}

    public static Answer status(long hash, long revision, long totalKeys, long totalSize) {
        var table = new Table(
                List.of("hash", "revision", "total keys", "total size"),
                List.of(List.of(
                        Long.toHexString(hash),
                        String.valueOf(revision),
                        String.valueOf(totalKeys),
                        GoNumbers.size(totalSize))));
        return new Answer(
                out -> table.simple().forEach(out::line),
                out -> {
                    out.field("Hash", hash);
                    out.field("Revision", revision);
                    out.field("Keys", totalKeys);
                    out.field("Size", totalSize);
                },
                table,
                () -> "{\"hash\":" + hash + ",\"revision\":" + revision + ",\"totalKey\":" + totalKeys
                        + ",\"totalSize\":" + totalSize + "}",
                null);
    }
}
