package dev.cetera.lab.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds in the requests of a connection between members who sends them, and whether one of them is a
/// snapshot.
///
/// Not each request of a member names its sender (questions for the version don't), and connections are used
/// again: so it goes on looking until it has found one. Nothing is decoded; the header is looked for in the
/// bytes, in pieces as they come.
///
/// Confined to the thread that reads, but for [#carriesSnapshot].
final class Sniffer {
    private static final String SENDER = "\r\nx-server-from:";
    private static final String SNAPSHOT = "post /raft/snapshot ";

    /// Enough for a header that is cut in two.
    private static final int KEPT = 64;

    private String before = "";
    private @Nullable String identity;
    private @Nullable String fresh;
    private volatile boolean snapshot;
    private boolean begun;

    void take(byte[] bytes, int length) {
        if (identity != null && snapshot) {
            return;
        }
        // ISO 8859-1: a character for each byte, whatever it is.
        String text = before + new String(bytes, 0, length, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        if (identity == null) {
            int at = text.indexOf(SENDER);
            int end = at < 0 ? -1 : text.indexOf('\r', at + SENDER.length());
            if (end >= 0) {
                identity = text.substring(at + SENDER.length(), end).strip();
                fresh = identity;
            }
        }
        if (!snapshot && text.contains(SNAPSHOT)) {
            snapshot = true;
            begun = true;
        }
        before = text.substring(Math.max(0, text.length() - KEPT));
    }

    /// Member id, hexadecimal, when it was found just now.
    @Nullable
    String newIdentity() {
        String found = fresh;
        fresh = null;
        return found;
    }

    /// True once, when a snapshot has just begun.
    boolean snapshotBegun() {
        boolean just = begun;
        begun = false;
        return just;
    }

    /// From the first snapshot of the connection on.
    boolean carriesSnapshot() {
        return snapshot;
    }
}
