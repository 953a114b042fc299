package dev.cetera.cluster;

import java.util.Comparator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A version of the protocol between members, `3.3.0`. The cluster's version is the lowest that all its
/// members run; it says what may be proposed.
public record ClusterVersion(int major, int minor, int patch) implements Comparable<ClusterVersion> {
    /// What a cluster starts with when its members can't be asked.
    public static final ClusterVersion LOWEST = new ClusterVersion(3, 0, 0);

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(?:[-+].*)?");

    private static final Comparator<ClusterVersion> ORDER = Comparator.comparingInt(ClusterVersion::major)
            .thenComparingInt(ClusterVersion::minor)
            .thenComparingInt(ClusterVersion::patch);

    /// Null if the text is no `major.minor.patch`; a suffix such as `-rc.0` is accepted and dropped.
    public static @Nullable ClusterVersion parse(String text) {
        var match = FORM.matcher(text);
        return match.matches()
                ? new ClusterVersion(
                        Integer.parseInt(match.group(1)),
                        Integer.parseInt(match.group(2)),
                        Integer.parseInt(match.group(3)))
                : null;
    }

    /// `3.3.0`, as it is stored.
    public String text() {
        return major + "." + minor + "." + patch;
    }

    /// `3.3`, as logs show it.
    public String shortText() {
        return major + "." + minor;
    }

    /// The version that a cluster of only such members has: `3.3.0` for `3.3.27`.
    public ClusterVersion withoutPatch() {
        return new ClusterVersion(major, minor, 0);
    }

    /// Why a program of the given version must not serve a cluster of this one; null if it may. Fatal, in
    /// etcd's words.
    public @Nullable String refuses(ClusterVersion server) {
        return server.withoutPatch().compareTo(this) >= 0
                ? null
                : "cluster cannot be downgraded (current version: " + server.text()
                        + " is lower than determined cluster version: " + shortText() + ").";
    }

    @Override
    public int compareTo(ClusterVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return text();
    }
}
