package dev.cetera.mvcc;

import dev.cetera.schema.Revision;
import org.jspecify.annotations.Nullable;

/// One revision of a key, with all older ones behind it: the newest stands for the whole history. Immutable,
/// so adding one is a single allocation and every reader keeps the history it took.
///
/// Most keys have been put once and never again; for these this class is enough. [Later] is every other
/// revision. Its `jump` pointers form a skew-binary list (Myers 1983), so that the revision as of some moment
/// is found in a logarithmic number of steps, however hot the key.
sealed class Version permits Version.Later {
    private static final int TOMBSTONE = 1;
    private static final int LEASED = 2;

    final long main;
    /// Sub revision, shifted past the two flags.
    private final int bits;

    private Version(long main, long sub, int flags) {
        if (sub > Revision.MAX_SUB) {
            throw new IllegalStateException("a transaction with more than " + Revision.MAX_SUB + " changes");
        }
        this.main = main;
        this.bits = (int) sub << 2 | flags;
    }

    /// @param older the newest revision before, null when none is known
    static Version put(
            long main, long sub, long createRevision, long version, boolean leased, @Nullable Version older) {
        var flags = leased ? LEASED : 0;
        return older == null && version == 1 && createRevision == main
                ? new Version(main, sub, flags)
                : new Later(main, sub, flags, createRevision, version, older);
    }

    static Version tombstone(long main, long sub, @Nullable Version older) {
        return new Later(main, sub, TOMBSTONE, 0, 0, older);
    }

    final int sub() {
        return bits >>> 2;
    }

    final boolean isTombstone() {
        return (bits & TOMBSTONE) != 0;
    }

    final boolean isLeased() {
        return (bits & LEASED) != 0;
    }

    long createRevision() {
        return main;
    }

    /// Puts since the key came to life, this one included.
    long version() {
        return 1;
    }

    @Nullable
    Version older() {
        return null;
    }

    /// A revision further back than [#older], or as far; itself for the oldest.
    Version jump() {
        return this;
    }

    /// Number of older revisions.
    int depth() {
        return 0;
    }

    /// The newest revision that is not beyond `revision`, null when all are.
    final @Nullable Version asOf(long revision) {
        Version at = this;
        while (at != null && at.main > revision) {
            var far = at.jump();
            at = far != at && far.main > revision ? far : at.older();
        }
        return at;
    }

    /// What is left of this history after a compaction; itself when that changes nothing, null when the key is
    /// gone. A tombstone at the compacted revision itself stays.
    final @Nullable Version compacted(long revision) {
        var oldest = asOf(revision);
        if (oldest == null) {
            return this;
        }
        var gone = oldest.isTombstone() && oldest.main < revision;
        if (!gone && oldest.older() == null) {
            return this;
        }
        if (gone && oldest == this) {
            return null;
        }
        // Newest first, down to the oldest that stays.
        var staying = new Version[depth() - oldest.depth() + (gone ? 0 : 1)];
        Version at = this;
        for (var i = 0; i < staying.length && at != null; i++, at = at.older()) {
            staying[i] = at;
        }
        Version rebuilt = null;
        for (var i = staying.length - 1; i >= 0; i--) {
            rebuilt = staying[i].on(rebuilt);
        }
        return rebuilt;
    }

    private Version on(@Nullable Version newOlder) {
        return isTombstone()
                ? tombstone(main, sub(), newOlder)
                : put(main, sub(), createRevision(), version(), isLeased(), newOlder);
    }

    /// A revision that is not the only one of its key, or not the first of its life, or a tombstone.
    static final class Later extends Version {
        private final long createRevision;
        private final long version;
        private final @Nullable Version older;
        private final @Nullable Version jump;
        private final int depth;

        private Later(long main, long sub, int flags, long createRevision, long version, @Nullable Version older) {
            super(main, sub, flags);
            this.createRevision = createRevision;
            this.version = version;
            this.older = older;
            if (older == null) {
                jump = null;
                depth = 0;
            } else {
                var once = older.jump();
                var twice = once.jump();
                jump = older.depth() - once.depth() == once.depth() - twice.depth() && once != older ? twice : older;
                depth = older.depth() + 1;
            }
        }

        @Override
        long createRevision() {
            return createRevision;
        }

        @Override
        long version() {
            return version;
        }

        @Override
        @Nullable
        Version older() {
            return older;
        }

        @Override
        Version jump() {
            return jump == null ? this : jump;
        }

        @Override
        int depth() {
            return depth;
        }
    }
}
