package dev.cetera.mvcc;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Every key with its history, in key order: a copy-on-write B-tree. Confined to the applier; the [Root]s it
/// hands out are immutable and free for every thread.
///
/// A node belongs to the edition in which it was made. Nodes of the current edition have been seen by nobody
/// else and are changed in place; any other is copied first. [#root] closes an edition: what it returns never
/// changes again. Within a node, the array of keys is never changed, only replaced, so copies share it.
final class KeyIndex {
    /// Small enough to copy a path per put, wide enough for a million keys in five levels.
    static final int FANOUT = 32;

    /// A node with less is joined with a neighbour if both fit in one.
    private static final int SPARSE = FANOUT / 3;

    private static final byte[][] NO_KEYS = {};

    private long edition;
    private Node top = new Leaf(0, NO_KEYS, new Version[0], 0);

    /// The upper half of the node that the last step of [#compute] split, with the least key that may be in
    /// it.
    private @Nullable Node upper;

    private byte[] upperFrom = {};

    /// The index at this moment.
    Root root() {
        edition++;
        return new Root(top);
    }

    @Nullable
    Version get(byte[] key) {
        return find(top, key);
    }

    /// What the index holds right now; valid until the next change.
    Root peek() {
        return new Root(top);
    }

    void put(byte[] key, Version version) {
        compute(key, _ -> version);
    }

    /// Sets the history of a key to what `change` makes of the old one, null if there is none. A null result,
    /// or the same, changes nothing.
    void compute(byte[] key, UnaryOperator<@Nullable Version> change) {
        top = compute(top, key, change, true);
        if (upper != null) {
            var children = new Node[] {top, upper};
            top = new Branch(edition, new byte[][] {upperFrom}, children, top.live + upper.live);
            upper = null;
        }
    }

    /// Forgets a key.
    void remove(byte[] key) {
        top = remove(top, key);
        while (top instanceof Branch branch && branch.children.length <= 1) {
            top = branch.children.length == 1 ? branch.children[0] : new Leaf(edition, NO_KEYS, new Version[0], 0);
        }
    }

    private Node compute(Node node, byte[] key, UnaryOperator<@Nullable Version> change, boolean last) {
        return switch (node) {
            case Leaf leaf -> computeIn(leaf, key, change, last);
            case Branch branch -> {
                var i = branch.childFor(key);
                var before = branch.children[i];
                var liveBefore = before.live;
                var after = compute(before, key, change, last && i == branch.children.length - 1);
                if (after == before && after.live == liveBefore && upper == null) {
                    yield branch;
                }
                var own = own(branch);
                own.children[i] = after;
                own.live += after.live - liveBefore;
                if (upper != null) {
                    adopt(own, i + 1, upper, upperFrom, last);
                }
                yield own;
            }
        };
    }

    private Leaf computeIn(Leaf leaf, byte[] key, UnaryOperator<@Nullable Version> change, boolean last) {
        var i = search(leaf.keys, key);
        var before = i < 0 ? null : leaf.versions[i];
        var after = change.apply(before);
        if (after == null || after == before) {
            return leaf;
        }
        var own = own(leaf);
        own.live += alive(after) - alive(before);
        if (i >= 0) {
            own.versions[i] = after;
            return own;
        }
        var at = ~i;
        own.keys = inserted(own.keys, at, key);
        own.versions = inserted(own.versions, at, after);
        if (own.keys.length > FANOUT) {
            // Keys that come in order would leave every leaf half empty; at the right edge the old one stays full.
            var half = last && at == FANOUT ? FANOUT : own.keys.length / 2;
            var right = new Leaf(edition, from(own.keys, half), from(own.versions, half), 0);
            for (var version : right.versions) {
                right.live += alive(version);
            }
            own.keys = Arrays.copyOf(own.keys, half);
            own.versions = Arrays.copyOf(own.versions, half);
            own.live -= right.live;
            upper = right;
            upperFrom = right.keys[0];
        }
        return own;
    }

    private void adopt(Branch own, int at, Node child, byte[] from, boolean last) {
        upper = null;
        own.children = inserted(own.children, at, child);
        own.from = inserted(own.from, at - 1, from);
        own.live += child.live;
        if (own.children.length > FANOUT) {
            var half = last && at == FANOUT ? FANOUT : own.children.length / 2;
            var right = new Branch(edition, from(own.from, half), from(own.children, half), 0);
            for (var moved : right.children) {
                right.live += moved.live;
            }
            upperFrom = own.from[half - 1];
            own.from = Arrays.copyOf(own.from, half - 1);
            own.children = Arrays.copyOf(own.children, half);
            own.live -= right.live;
            upper = right;
        }
    }

    private Node remove(Node node, byte[] key) {
        return switch (node) {
            case Leaf leaf -> removeFrom(leaf, key);
            case Branch branch -> removeBelow(branch, key);
        };
    }

    private Leaf removeFrom(Leaf leaf, byte[] key) {
        var i = search(leaf.keys, key);
        if (i < 0) {
            return leaf;
        }
        var own = own(leaf);
        own.live -= alive(own.versions[i]);
        own.keys = without(own.keys, i);
        own.versions = without(own.versions, i);
        return own;
    }

    private Branch removeBelow(Branch branch, byte[] key) {
        var i = branch.childFor(key);
        var liveBefore = branch.children[i].live;
        var own = own(branch);
        var child = remove(branch.children[i], key);
        own.children[i] = child;
        own.live += child.live - liveBefore;
        if (child.size() == 0) {
            own.children = without(own.children, i);
            own.from = own.from.length == 0 ? own.from : without(own.from, Math.max(0, i - 1));
        } else if (child.size() < SPARSE && own.children.length > 1) {
            joinWithNeighbour(own, i == 0 ? 0 : i - 1);
        }
        return own;
    }

    private void joinWithNeighbour(Branch own, int left) {
        var a = own.children[left];
        var b = own.children[left + 1];
        if (a.size() + b.size() > FANOUT) {
            return;
        }
        own.children = without(own.children, left + 1);
        if (a instanceof Leaf one && b instanceof Leaf two) {
            own.children[left] =
                    new Leaf(edition, joined(one.keys, two.keys), joined(one.versions, two.versions), a.live + b.live);
        } else if (a instanceof Branch one && b instanceof Branch two) {
            var from = joined(inserted(one.from, one.from.length, own.from[left]), two.from);
            own.children[left] = new Branch(edition, from, joined(one.children, two.children), a.live + b.live);
        }
        own.from = without(own.from, left);
    }

    private Leaf own(Leaf leaf) {
        return leaf.edition == edition ? leaf : new Leaf(edition, leaf.keys, leaf.versions.clone(), leaf.live);
    }

    private Branch own(Branch branch) {
        return branch.edition == edition
                ? branch
                : new Branch(edition, branch.from, branch.children.clone(), branch.live);
    }

    private static @Nullable Version find(Node top, byte[] key) {
        var node = top;
        while (node instanceof Branch branch) {
            node = branch.children[branch.childFor(key)];
        }
        var leaf = (Leaf) node;
        var i = search(leaf.keys, key);
        return i < 0 ? null : leaf.versions[i];
    }

    private static int alive(@Nullable Version version) {
        return version == null || version.isTombstone() ? 0 : 1;
    }

    /// As [Arrays#binarySearch]: the position, or the complement of where it would be.
    private static int search(byte[][] keys, byte[] key) {
        var low = 0;
        var high = keys.length - 1;
        while (low <= high) {
            var middle = (low + high) >>> 1;
            var order = Arrays.compareUnsigned(keys[middle], key);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return ~low;
    }

    private static <T> T[] inserted(T[] old, int at, T item) {
        var grown = Arrays.copyOf(old, old.length + 1);
        System.arraycopy(old, at, grown, at + 1, old.length - at);
        grown[at] = item;
        return grown;
    }

    private static <T> T[] without(T[] old, int at) {
        var shrunk = Arrays.copyOf(old, old.length - 1);
        System.arraycopy(old, at + 1, shrunk, at, shrunk.length - at);
        return shrunk;
    }

    private static <T> T[] from(T[] old, int first) {
        return Arrays.copyOfRange(old, first, old.length);
    }

    private static <T> T[] joined(T[] one, T[] two) {
        var both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);
        return both;
    }

    /// Sees keys in order; false ends the walk.
    @FunctionalInterface
    interface Visitor {
        boolean visit(byte[] key, Version newest);
    }

    /// The index at one moment. Immutable.
    static final class Root {
        private final Node top;

        private Root(Node top) {
            this.top = top;
        }

        @Nullable
        Version get(byte[] key) {
            return find(top, key);
        }

        /// Walks the keys from `first` up to but without `end`, without bound when that is null.
        void walk(byte[] first, byte @Nullable [] end, Visitor visitor) {
            walk(top, first, end, visitor);
        }

        /// Keys of a range whose newest revision is not a tombstone; costs no more than finding its two ends.
        long countLive(byte[] first, byte @Nullable [] end) {
            return end != null && Arrays.compareUnsigned(first, end) >= 0 ? 0 : count(top, first, end);
        }

        private static boolean walk(Node node, byte @Nullable [] first, byte @Nullable [] end, Visitor visitor) {
            switch (node) {
                case Leaf leaf -> {
                    for (var i = first == null ? 0 : leaf.position(first); i < leaf.keys.length; i++) {
                        if ((end != null && Arrays.compareUnsigned(leaf.keys[i], end) >= 0)
                                || !visitor.visit(leaf.keys[i], leaf.versions[i])) {
                            return false;
                        }
                    }
                }
                case Branch branch -> {
                    var start = first == null ? 0 : branch.childFor(first);
                    for (var i = start; i < branch.children.length; i++) {
                        if (!walk(branch.children[i], i == start ? first : null, end, visitor)) {
                            return false;
                        }
                    }
                }
            }
            return true;
        }

        private static long count(Node node, byte @Nullable [] first, byte @Nullable [] end) {
            if (first == null && end == null) {
                return node.live;
            }
            var sum = 0L;
            switch (node) {
                case Leaf leaf -> {
                    var stop = end == null ? leaf.keys.length : leaf.position(end);
                    for (var i = first == null ? 0 : leaf.position(first); i < stop; i++) {
                        sum += alive(leaf.versions[i]);
                    }
                }
                case Branch branch -> {
                    var start = first == null ? 0 : branch.childFor(first);
                    var stop = end == null ? branch.children.length - 1 : branch.childFor(end);
                    for (var i = start; i <= stop; i++) {
                        sum += count(branch.children[i], i == start ? first : null, i == stop ? end : null);
                    }
                }
            }
            return sum;
        }
    }

    private abstract static sealed class Node permits Leaf, Branch {
        final long edition;
        /// Keys below this node whose newest revision is not a tombstone.
        int live;

        Node(long edition, int live) {
            this.edition = edition;
            this.live = live;
        }

        abstract int size();
    }

    private static final class Leaf extends Node {
        byte[][] keys;
        Version[] versions;

        Leaf(long edition, byte[][] keys, Version[] versions, int live) {
            super(edition, live);
            this.keys = keys;
            this.versions = versions;
        }

        /// Of the first key that is not below the given one.
        int position(byte[] key) {
            var i = search(keys, key);
            return i < 0 ? ~i : i;
        }

        @Override
        int size() {
            return keys.length;
        }
    }

    private static final class Branch extends Node {
        /// `from[i]` is above all keys of child i and not above any of child i + 1.
        byte[][] from;

        Node[] children;

        Branch(long edition, byte[][] from, Node[] children, int live) {
            super(edition, live);
            this.from = from;
            this.children = children;
        }

        int childFor(byte[] key) {
            var i = search(from, key);
            return i < 0 ? ~i : i + 1;
        }

        @Override
        int size() {
            return children.length;
        }
    }
}
