package dev.cetera.http;

import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An address could not be bound, in Go's words: `listen tcp 127.0.0.1:2379: bind: address already in use`.
public final class BindFailure extends IOException {
    private static final long serialVersionUID = 1;
    /// `bind(..) failed with error(-98): Address already in use`, as the native transport says it.
    private static final Pattern NATIVE = Pattern.compile(".*error\\(-?\\d+\\): (.*)");

    /// @param network `tcp` or `unix`
    BindFailure(String network, String address, Throwable cause) {
        super("listen " + network + " " + address + ": bind: " + reason(cause), cause);
    }

    private static String reason(Throwable thrown) {
        var text = "failed";
        for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                text = cause.getMessage();
            }
        }
        var form = NATIVE.matcher(text);
        return (form.matches() ? form.group(1) : text).toLowerCase(Locale.ROOT);
    }
}
