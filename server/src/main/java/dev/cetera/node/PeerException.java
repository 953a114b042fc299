package dev.cetera.node;

import dev.cetera.api.Refusal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Another member could not be asked, or gave an answer that is none. The message is for the log.
public final class PeerException extends IOException {
    private static final long serialVersionUID = 1;

    private final @Nullable Refusal refusal;

    public PeerException(String message) {
        this(message, (Refusal) null);
    }

    public PeerException(String message, Throwable cause) {
        super(message, cause);
        refusal = null;
    }

    /// @param refusal what the member said, null when that is none of ours
    public PeerException(String message, @Nullable Refusal refusal) {
        super(message);
        this.refusal = refusal;
    }

    /// Why the member that was asked said no; null when it did not come to that.
    public @Nullable Refusal refusal() {
        return refusal;
    }
}
