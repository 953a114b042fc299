package dev.cetera.v2;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A file or directory of the tree. Confined to the thread of its [V2Store].
///
/// Users choose how deep the tree is, so nothing here recurses.
final class TreeNode {
    final String path;
    final long createdIndex;

    /// By name, in Go's order of keys; null for a file.
    final @Nullable Map<String, TreeNode> children;

    @Nullable
    TreeNode parent;

    long modifiedIndex;

    /// Empty for a directory.
    String value;

    /// Null for a permanent node. While a node is in the tree, changed only together with the store's queue of
    /// expirations.
    @Nullable
    Instant expiration;

    private TreeNode(String path, String value, @Nullable Map<String, TreeNode> children, long index) {
        this.path = path;
        this.value = value;
        this.children = children;
        this.createdIndex = index;
        this.modifiedIndex = index;
    }

    static TreeNode file(String path, String value, long index) {
        return new TreeNode(path, value, null, index);
    }

    static TreeNode directory(String path, long index) {
        return new TreeNode(path, "", new TreeMap<>(GoJson::compare), index);
    }

    boolean isDirectory() {
        return children != null;
    }

    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    boolean hidden() {
        return name().startsWith("_");
    }

    @Nullable
    TreeNode child(String name) {
        return children == null ? null : children.get(name);
    }

    void add(TreeNode child) {
        if (children == null) {
            throw new IllegalStateException(path + " is a file");
        }
        children.put(child.name(), child);
        child.parent = this;
    }

    void detach() {
        if (parent != null && parent.children != null) {
            parent.children.remove(name());
            parent = null;
        }
    }

    /// This node and all below it, parents first.
    void walk(Consumer<TreeNode> visitor) {
        var left = new ArrayDeque<TreeNode>();
        left.push(this);
        while (!left.isEmpty()) {
            var node = left.pop();
            visitor.accept(node);
            if (node.children != null) {
                node.children.values().forEach(left::push);
            }
        }
    }

    /// As clients see it, without children.
    V2Node view(Instant now) {
        return viewOver(null, now);
    }

    private V2Node viewOver(@Nullable List<V2Node> nodes, Instant now) {
        return new V2Node(
                path,
                isDirectory() ? null : value,
                isDirectory(),
                expiration,
                ttlSeconds(now),
                nodes,
                modifiedIndex,
                createdIndex);
    }

    /// As clients see it, with what is below as far as asked.
    V2Node view(V2Store.Depth depth, Instant now) {
        if (children == null) {
            return view(now);
        }
        return switch (depth) {
            case CHILDREN -> {
                var nodes = new ArrayList<V2Node>();
                for (var child : children.values()) {
                    if (!child.hidden()) {
                        nodes.add(child.view(now));
                    }
                }
                yield viewOver(nodes, now);
            }
            case TREE -> viewTree(children, now);
        };
    }

    /// A directory whose view is being put together.
    private record Open(TreeNode directory, Iterator<TreeNode> left, List<V2Node> done) {
        static Open of(TreeNode directory, Map<String, TreeNode> children) {
            return new Open(directory, children.values().iterator(), new ArrayList<>());
        }
    }

    private V2Node viewTree(Map<String, TreeNode> ownChildren, Instant now) {
        var open = new ArrayDeque<Open>();
        open.push(Open.of(this, ownChildren));
        while (true) {
            var top = open.element();
            if (!top.left.hasNext()) {
                open.pop();
                var finished = top.directory.viewOver(top.done, now);
                if (open.isEmpty()) {
                    return finished;
                }
                open.element().done.add(finished);
                continue;
            }
            var child = top.left.next();
            if (child.hidden()) {
                continue;
            }
            if (child.children == null) {
                top.done.add(child.view(now));
            } else {
                open.push(Open.of(child, child.children));
            }
        }
    }

    /// Rounded up.
    long ttlSeconds(Instant now) {
        if (expiration == null) {
            return 0;
        }
        var left = Duration.between(now, expiration);
        return left.getSeconds() + (left.getNano() > 0 ? 1 : 0);
    }
}
