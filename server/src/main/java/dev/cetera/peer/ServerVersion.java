package dev.cetera.peer;

import dev.cetera.config.Release;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A release, as `X-Server-Version` and `X-Min-Cluster-Version` say it. Immutable.
record ServerVersion(long major, long minor) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})\\.([0-9]{1,18})\\.([0-9]{1,18})([-+].*)?");

    /// Null when that is no version.
    static @Nullable ServerVersion parse(String text) {
        var form = FORM.matcher(text);
        return form.matches() ? new ServerVersion(Long.parseLong(form.group(1)), Long.parseLong(form.group(2))) : null;
    }

    int compare(long otherMajor, long otherMinor) {
        return major != otherMajor ? Long.compare(major, otherMajor) : Long.compare(minor, otherMinor);
    }

    /// Every release from 2.1 to 2.3 and from 3.0 on has them.
    boolean hasStreams() {
        boolean known = (major == 2 && minor >= 1 && minor <= 3) || major == 3;
        return known || compare(Release.CURRENT.major(), Release.CURRENT.minor()) >= 0;
    }
}
