package dev.cetera.v2;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads what [V2Json] draws. Used once.
///
/// As in Go, null stands for "not given" wherever it comes.
final class V2JsonReader {
    private final JsonReader in;

    private @Nullable TreeNode root;
    private long index;
    private final V2Stats stats = new V2Stats();
    private final V2History history = new V2History();

    /// How long the paths of further nodes may be together. Each node has its own path in memory, so a small
    /// text that nests deeply would need much; whoever writes a tree writes the path of each node, too.
    private long pathsLeft;

    private V2JsonReader(byte[] json) {
        pathsLeft = 4096 + 4L * json.length;
        in = new JsonReader(new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8));
        in.setStrictness(Strictness.STRICT);
        in.setNestingLimit(Integer.MAX_VALUE);
    }

    static V2Json.State state(byte[] json) throws V2FormatException {
        try {
            return new V2JsonReader(json).state();
        } catch (V2FormatException e) {
            throw e;
        } catch (IOException | IllegalStateException | NumberFormatException | DateTimeException e) {
            // The last three are how the JSON library and the parsers below report a value of the wrong kind.
            throw new V2FormatException("the saved tree can't be read: " + e.getMessage(), e);
        }
    }

    private V2Json.State state() throws IOException {
        object(name -> {
            switch (name) {
                case "root" -> root = tree();
                case "watcherhub" -> object(this::watcherHub);
                case "currentindex" -> index = unsigned();
                case "stats" -> object(counter -> stats.set(counter, unsigned()));
                default -> in.skipValue();
            }
        });
        if (in.peek() != JsonToken.END_DOCUMENT) {
            throw new V2FormatException("something follows the saved tree");
        }
        if (root == null || !root.isDirectory()) {
            throw new V2FormatException("the saved tree has no root directory");
        }
        return new V2Json.State(root, history, index, stats);
    }

    // ---- nodes ----

    /// A node of which not all is read yet.
    private static final class Open {
        final String path;
        long createdIndex;
        long modifiedIndex;
        String value = "";

        @Nullable
        Instant expiration;

        /// Null until it turns out to be a directory.
        @Nullable
        List<TreeNode> children;

        boolean inChildren;

        Open(String path) {
            this.path = path;
        }

        TreeNode close() {
            var node = children == null
                    ? TreeNode.file(path, value, createdIndex)
                    : TreeNode.directory(path, createdIndex);
            if (children != null) {
                children.forEach(node::add);
            }
            node.modifiedIndex = modifiedIndex;
            node.expiration = expiration;
            return node;
        }
    }

    /// A node and all below it. Where a node stands decides its path; what it says of its path is not needed.
    private @Nullable TreeNode tree() throws IOException {
        if (skippedNull()) {
            return null;
        }
        var open = new ArrayDeque<Open>();
        in.beginObject();
        open.push(new Open("/"));
        while (true) {
            var top = open.element();
            if (top.inChildren) {
                if (in.hasNext()) {
                    var path = child(top.path, in.nextName());
                    if (!skippedNull()) {
                        in.beginObject();
                        open.push(new Open(path));
                    }
                } else {
                    in.endObject();
                    top.inChildren = false;
                }
            } else if (in.hasNext()) {
                field(top, lowerCase(in.nextName()));
            } else {
                in.endObject();
                var node = open.pop().close();
                if (open.isEmpty()) {
                    return node;
                }
                var siblings = open.element().children;
                if (siblings == null) {
                    throw new IllegalStateException(node.path + " has no parent");
                }
                siblings.add(node);
            }
        }
    }

    private String child(String parent, String name) throws V2FormatException {
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw new V2FormatException("the saved tree has a node of the impossible name '" + name + "'");
        }
        var path = V2Path.child(parent, name);
        pathsLeft -= path.length();
        if (pathsLeft < 0) {
            throw new V2FormatException("the saved tree is deeper than its text");
        }
        return path;
    }

    private void field(Open node, String name) throws IOException {
        switch (name) {
            case "createdindex" -> node.createdIndex = unsigned();
            case "modifiedindex" -> node.modifiedIndex = unsigned();
            case "expiretime" -> node.expiration = time();
            case "value" -> node.value = string();
            case "children" -> {
                if (!skippedNull()) {
                    in.beginObject();
                    node.children = new ArrayList<>();
                    node.inChildren = true;
                }
            }
            default -> in.skipValue();
        }
    }

    // ---- events ----

    private void watcherHub(String name) throws IOException {
        if (!name.equals("eventhistory")) {
            in.skipValue();
            return;
        }
        var queue = new Queue();
        object(field -> {
            switch (field) {
                case "queue" -> object(queue::field);
                case "lastindex" -> queue.lastIndex = unsigned();
                default -> in.skipValue();
            }
        });
        history.replace(queue.oldestFirst(), queue.start(), queue.lastIndex);
    }

    /// The ring as it was saved, whatever its capacity.
    private final class Queue {
        private final List<@Nullable V2Event> slots = new ArrayList<>();
        private int size;
        private int front;
        long lastIndex;

        void field(String name) throws IOException {
            switch (name) {
                case "events" -> {
                    if (!skippedNull()) {
                        in.beginArray();
                        while (in.hasNext()) {
                            slots.add(event());
                        }
                        in.endArray();
                    }
                }
                case "size" -> size = in.nextInt();
                case "front" -> front = in.nextInt();
                default -> in.skipValue();
            }
        }

        List<V2Event> oldestFirst() {
            var events = new ArrayList<V2Event>();
            for (int i = 0; i < Math.min(size, slots.size()); i++) {
                var event = slots.get(Math.floorMod(front + i, slots.size()));
                if (event != null) {
                    events.add(event);
                }
            }
            return events;
        }

        /// Slots keep their places in a ring of our size.
        int start() {
            return slots.size() == V2History.CAPACITY ? front : 0;
        }
    }

    private @Nullable V2Event event() throws IOException {
        var event = new Object() {
            @Nullable
            V2Action action;

            @Nullable
            V2Node node;

            @Nullable
            V2Node previous;

            boolean refresh;
        };
        if (skippedNull()) {
            return null;
        }
        object(name -> {
            switch (name) {
                case "action" -> event.action = V2Action.of(string());
                case "node" -> event.node = eventNode();
                case "prevnode" -> event.previous = eventNode();
                case "refresh" -> event.refresh = bool();
                default -> in.skipValue();
            }
        });
        if (event.action == null || event.node == null) {
            throw new V2FormatException("the saved history has an event of no known kind");
        }
        return new V2Event(event.action, event.node, event.previous, event.refresh, event.node.modifiedIndex());
    }

    private @Nullable V2Node eventNode() throws IOException {
        var node = new Object() {
            String key = "";

            @Nullable
            String value;

            boolean dir;

            @Nullable
            Instant expiration;

            long ttl;
            long modifiedIndex;
            long createdIndex;
        };
        if (skippedNull()) {
            return null;
        }
        object(name -> {
            switch (name) {
                case "key" -> node.key = string();
                case "value" -> node.value = skippedNull() ? null : in.nextString();
                case "dir" -> node.dir = bool();
                case "expiration" -> node.expiration = time();
                case "ttl" -> node.ttl = skippedNull() ? 0 : in.nextLong();
                case "modifiedindex" -> node.modifiedIndex = unsigned();
                case "createdindex" -> node.createdIndex = unsigned();
                default -> in.skipValue();
            }
        });
        return new V2Node(
                node.key, node.value, node.dir, node.expiration, node.ttl, null, node.modifiedIndex, node.createdIndex);
    }

    // ---- values ----

    @FunctionalInterface
    private interface Field {
        /// Reads, or skips, the value of the field with this name in lower case.
        void read(String name) throws IOException;
    }

    private void object(Field field) throws IOException {
        if (skippedNull()) {
            return;
        }
        in.beginObject();
        while (in.hasNext()) {
            field.read(lowerCase(in.nextName()));
        }
        in.endObject();
    }

    private static String lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private boolean skippedNull() throws IOException {
        if (in.peek() != JsonToken.NULL) {
            return false;
        }
        in.nextNull();
        return true;
    }

    private long unsigned() throws IOException {
        return skippedNull() ? 0 : Long.parseUnsignedLong(in.nextString());
    }

    private String string() throws IOException {
        return skippedNull() ? "" : in.nextString();
    }

    private boolean bool() throws IOException {
        return !skippedNull() && in.nextBoolean();
    }

    private @Nullable Instant time() throws IOException {
        if (skippedNull()) {
            return null;
        }
        var text = in.nextString();
        if (text.equals(V2Json.ZERO_TIME)) {
            return null;
        }
        var time = OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC);
        if (time.getYear() < 0 || time.getYear() > 9999) {
            throw new V2FormatException("the saved tree has a time that Go can't write: " + text);
        }
        return time.toInstant();
    }
}
