package dev.cetera.lab.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A sorted map. Immutable: a change makes another one, which shares all but a path with the one before.
///
/// It is a treap whose priorities follow from the keys, so equal maps have equal shapes.
final class SortedTree<K, V> {
    private record Node<K, V>(
            K key,
            V value,
            int priority,
            @Nullable Node<K, V> left,
            @Nullable Node<K, V> right) {
        Node<K, V> withLeft(@Nullable Node<K, V> other) {
            return new Node<>(key, value, priority, other, right);
        }

        Node<K, V> withRight(@Nullable Node<K, V> other) {
            return new Node<>(key, value, priority, left, other);
        }
    }

    private final Comparator<? super K> order;
    private final @Nullable Node<K, V> root;
    private final int size;

    private SortedTree(Comparator<? super K> order, @Nullable Node<K, V> root, int size) {
        this.order = order;
        this.root = root;
        this.size = size;
    }

    static <K, V> SortedTree<K, V> empty(Comparator<? super K> order) {
        return new SortedTree<>(order, null, 0);
    }

    int size() {
        return size;
    }

    @Nullable
    V get(K key) {
        var node = root;
        while (node != null) {
            int side = order.compare(key, node.key());
            if (side == 0) {
                return node.value();
            }
            node = side < 0 ? node.left() : node.right();
        }
        return null;
    }

    SortedTree<K, V> with(K key, V value) {
        return new SortedTree<>(order, put(root, key, value), get(key) == null ? size + 1 : size);
    }

    SortedTree<K, V> without(K key) {
        return get(key) == null ? this : new SortedTree<>(order, remove(root, key), size - 1);
    }

    private Node<K, V> put(@Nullable Node<K, V> node, K key, V value) {
        if (node == null) {
            return new Node<>(key, value, priority(key), null, null);
        }
        int side = order.compare(key, node.key());
        if (side == 0) {
            return new Node<>(key, value, node.priority(), node.left(), node.right());
        }
        if (side < 0) {
            var child = put(node.left(), key, value);
            return child.priority() > node.priority()
                    ? child.withRight(node.withLeft(child.right()))
                    : node.withLeft(child);
        }
        var child = put(node.right(), key, value);
        return child.priority() > node.priority()
                ? child.withLeft(node.withRight(child.left()))
                : node.withRight(child);
    }

    private @Nullable Node<K, V> remove(@Nullable Node<K, V> node, K key) {
        if (node == null) {
            return null;
        }
        int side = order.compare(key, node.key());
        if (side == 0) {
            return join(node.left(), node.right());
        }
        return side < 0 ? node.withLeft(remove(node.left(), key)) : node.withRight(remove(node.right(), key));
    }

    private @Nullable Node<K, V> join(@Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        return left.priority() > right.priority()
                ? left.withRight(join(left.right(), right))
                : right.withLeft(join(left, right.left()));
    }

    private static int priority(Object key) {
        int mixed = key.hashCode() * 0x9E3779B9;
        mixed = (mixed ^ mixed >>> 15) * 0x85EBCA6B;
        return mixed ^ mixed >>> 13;
    }

    List<V> values() {
        var values = new ArrayList<V>(size);
        forEach((_, value) -> values.add(value));
        return values;
    }

    void forEach(BiConsumer<? super K, ? super V> visitor) {
        walk(root, visitor);
    }

    private static <K, V> void walk(@Nullable Node<K, V> node, BiConsumer<? super K, ? super V> visitor) {
        if (node != null) {
            walk(node.left(), visitor);
            visitor.accept(node.key(), node.value());
            walk(node.right(), visitor);
        }
    }

    /// The values of the keys from one on, up to another that is not among them, in order.
    ///
    /// @param end null for no end
    List<V> between(K from, @Nullable K end) {
        var found = new ArrayList<V>();
        between(root, from, end, found);
        return found;
    }

    private void between(@Nullable Node<K, V> node, K from, @Nullable K end, List<V> found) {
        if (node == null) {
            return;
        }
        boolean afterFrom = order.compare(from, node.key()) <= 0;
        boolean beforeEnd = end == null || order.compare(node.key(), end) < 0;
        if (afterFrom) {
            between(node.left(), from, end, found);
        }
        if (afterFrom && beforeEnd) {
            found.add(node.value());
        }
        if (beforeEnd) {
            between(node.right(), from, end, found);
        }
    }
}
