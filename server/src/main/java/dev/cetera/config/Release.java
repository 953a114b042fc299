package dev.cetera.config;

/// What this program says it is: the etcd release whose behaviour it has. Capabilities follow from it.
/// Immutable.
public record Release(int major, int minor, int patch) {
    public static final Release CURRENT = new Release(3, 3, 27);

    /// `3.3.27`
    public String version() {
        return major + "." + minor + "." + patch;
    }

    /// `3.3`
    public String series() {
        return major + "." + minor;
    }
}
