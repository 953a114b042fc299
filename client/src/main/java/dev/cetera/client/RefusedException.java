package dev.cetera.client;

import dev.cetera.api.Refusal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A member said no. [#refusal] is known for all texts of etcd 3.3; it is found by the text, as some of them
/// arrive without their code.
public sealed class RefusedException extends EtcdException permits CompactedException {
    private static final long serialVersionUID = 1;

    RefusedException(Code code, String text) {
        super(codeOf(code, text), text, fateOf(code, text));
    }

    RefusedException(Refusal refusal) {
        this(Code.of(refusal.code().value()), refusal.text());
    }

    public Optional<Refusal> refusal() {
        return Optional.ofNullable(refusalOf(text()));
    }

    public boolean is(Refusal refusal) {
        return text().equals(refusal.text());
    }

    static @Nullable Refusal refusalOf(String text) {
        for (var refusal : Refusal.values()) {
            if (refusal.text().equals(text)) {
                return refusal;
            }
        }
        return null;
    }

    private static Code codeOf(Code received, String text) {
        var refusal = refusalOf(text);
        return refusal == null ? received : Code.of(refusal.code().value());
    }

    /// A member that stops, loses its leader or runs out of time may have proposed before.
    private static Fate fateOf(Code code, String text) {
        var refusal = refusalOf(text);
        if (refusal == null) {
            return code == Code.INVALID_ARGUMENT || code == Code.FAILED_PRECONDITION || code == Code.NOT_FOUND
                    ? Fate.NOT_APPLIED
                    : Fate.UNKNOWN;
        }
        return switch (refusal) {
            case STOPPED,
                    LEADER_CHANGED,
                    TIMED_OUT,
                    TIMED_OUT_LEADER_FAILED,
                    TIMED_OUT_CONNECTION_LOST,
                    TIMED_OUT_TRANSFER,
                    NO_SPACE -> Fate.UNKNOWN;
            default -> Fate.NOT_APPLIED;
        };
    }
}
