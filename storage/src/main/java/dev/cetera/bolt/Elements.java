package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import org.jspecify.annotations.Nullable;

/// The ordered elements of one tree page, on disk or changed in memory: keys with values in a leaf, keys with
/// children in a branch. A branch's key is at most the first key below it.
sealed interface Elements permits Page, Node {
    /// Deeper than any sound tree: with two children a branch this is more pages than a file can have.
    int MAX_DEPTH = 48;

    boolean isLeaf();

    int count();

    /// A copy of the key, or the key itself where it is an array already.
    byte[] key(int i) throws CorruptionException;

    /// The same for the value, in a leaf.
    byte[] value(int i) throws CorruptionException;

    /// Whether the value is the header of a bucket.
    boolean isBucket(int i) throws CorruptionException;

    /// What the i-th element of a branch leads to.
    Elements child(int i, Pages pages) throws CorruptionException;

    /// As [java.util.Arrays#binarySearch]: the index of the key, or minus the place to insert it minus one.
    int find(byte[] key) throws CorruptionException;

    /// The element of a branch below which the key belongs.
    default int towards(byte[] key) throws CorruptionException {
        int found = find(key);
        return found >= 0 ? found : Math.max(0, -found - 2);
    }

    /// The value of a key in the tree that begins here; null when there is none or it is a bucket.
    static byte @Nullable [] get(Elements root, Pages pages, byte[] key) throws CorruptionException {
        var at = leaf(root, pages, key);
        int i = at.find(key);
        return i < 0 || at.isBucket(i) ? null : at.value(i);
    }

    /// The leaf in which the key is or would be.
    static Elements leaf(Elements root, Pages pages, byte[] key) throws CorruptionException {
        var at = root;
        for (int depth = 0; !at.isLeaf(); depth++) {
            pages.checkDepth(depth);
            at = at.child(at.towards(key), pages);
        }
        return at;
    }
}
