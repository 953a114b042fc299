package dev.cetera.watch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Items by key range, answering which ranges contain a key: a treap ordered by (from, to) whose nodes know
/// the furthest end below them, so that a search skips every subtree that ends before the key. Confined.
final class RangeTree<T> {
    private final SplittableRandom priorities = new SplittableRandom(1);
    private @Nullable Node<T> root;

    private static final class Node<T> {
        final KeyRange range;
        final long priority;
        final List<T> items = new ArrayList<>(1);

        @Nullable
        Node<T> left;

        @Nullable
        Node<T> right;
        /// The furthest end in this subtree; null is no end.
        byte @Nullable [] furthest;

        Node(KeyRange range, long priority) {
            this.range = range;
            this.priority = priority;
            this.furthest = range.to();
        }

        void update() {
            var end = range.to();
            if (left != null) {
                end = further(end, left.furthest);
            }
            if (right != null) {
                end = further(end, right.furthest);
            }
            furthest = end;
        }
    }

    void add(KeyRange range, T item) {
        root = add(root, range, item);
    }

    void remove(KeyRange range, T item) {
        root = remove(root, range, item);
    }

    void match(byte[] key, Consumer<T> found) {
        match(root, key, found);
    }

    private Node<T> add(@Nullable Node<T> node, KeyRange range, T item) {
        if (node == null) {
            var made = new Node<T>(range, priorities.nextLong());
            made.items.add(item);
            return made;
        }
        int order = compare(range, node.range);
        var top = node;
        if (order == 0) {
            node.items.add(item);
        } else if (order < 0) {
            var child = add(node.left, range, item);
            node.left = child;
            if (child.priority > node.priority) {
                node.left = child.right;
                child.right = node;
                top = child;
            }
        } else {
            var child = add(node.right, range, item);
            node.right = child;
            if (child.priority > node.priority) {
                node.right = child.left;
                child.left = node;
                top = child;
            }
        }
        node.update();
        top.update();
        return top;
    }

    private @Nullable Node<T> remove(@Nullable Node<T> node, KeyRange range, T item) {
        if (node == null) {
            return null;
        }
        int order = compare(range, node.range);
        if (order == 0) {
            node.items.remove(item);
            return node.items.isEmpty() ? merge(node.left, node.right) : node;
        }
        if (order < 0) {
            node.left = remove(node.left, range, item);
        } else {
            node.right = remove(node.right, range, item);
        }
        node.update();
        return node;
    }

    private static <T> @Nullable Node<T> merge(@Nullable Node<T> left, @Nullable Node<T> right) {
        if (left == null) {
            return right;
        }
        if (right == null) {
            return left;
        }
        if (left.priority > right.priority) {
            left.right = merge(left.right, right);
            left.update();
            return left;
        }
        right.left = merge(left, right.left);
        right.update();
        return right;
    }

    private static <T> void match(@Nullable Node<T> start, byte[] key, Consumer<T> found) {
        var node = start;
        while (node != null && KeyRange.before(key, node.furthest)) {
            match(node.left, key, found);
            if (Arrays.compareUnsigned(node.range.from(), key) > 0) {
                return; // and so does everything to the right
            }
            if (KeyRange.before(key, node.range.to())) {
                node.items.forEach(found);
            }
            node = node.right;
        }
    }

    private static int compare(KeyRange a, KeyRange b) {
        int order = Arrays.compareUnsigned(a.from(), b.from());
        if (order != 0) {
            return order;
        }
        var end = a.to();
        var other = b.to();
        if (end == null || other == null) {
            return Boolean.compare(end == null, other == null);
        }
        return Arrays.compareUnsigned(end, other);
    }

    private static byte @Nullable [] further(byte @Nullable [] a, byte @Nullable [] b) {
        return a == null || b == null ? null : Arrays.compareUnsigned(a, b) >= 0 ? a : b;
    }
}
