package dev.cetera.v2;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayDeque;
import java.util.Iterator;

/// Writes what [V2Json] draws. Used once.
final class V2JsonWriter {
    /// RFC 3339 as Go prints it: as many digits of a second as it takes, at most nine.
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendLiteral('Z')
            .toFormatter()
            .withZone(ZoneOffset.UTC);

    private final StringBuilder out = new StringBuilder(8192);

    byte[] state(V2Json.State state) {
        out.append("{\"Root\":");
        tree(state.root());
        out.append(",\"WatcherHub\":{\"EventHistory\":");
        history(state.history());
        out.append("},\"CurrentIndex\":").append(Long.toUnsignedString(state.index()));
        out.append(",\"Stats\":");
        stats(state.stats());
        out.append(",\"CurrentVersion\":2}");
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void tree(TreeNode root) {
        var open = new ArrayDeque<Iterator<TreeNode>>();
        node(root, open);
        while (!open.isEmpty()) {
            var left = open.element();
            if (!left.hasNext()) {
                out.append("}}");
                open.pop();
                continue;
            }
            var child = left.next();
            if (out.charAt(out.length() - 1) != '{') {
                out.append(',');
            }
            GoJson.quote(out, child.name()).append(':');
            node(child, open);
        }
    }

    /// A whole file; of a directory the part before its children, which are left to the caller.
    private void node(TreeNode node, ArrayDeque<Iterator<TreeNode>> open) {
        GoJson.quote(out.append("{\"Path\":"), node.path);
        number(",\"CreatedIndex\":", node.createdIndex);
        number(",\"ModifiedIndex\":", node.modifiedIndex);
        out.append(",\"ExpireTime\":\"")
                .append(node.expiration == null ? V2Json.ZERO_TIME : time(node.expiration))
                .append('"');
        GoJson.quote(out.append(",\"Value\":"), node.value);
        if (node.children == null) {
            out.append(",\"Children\":null}");
        } else {
            out.append(",\"Children\":{");
            open.push(node.children.values().iterator());
        }
    }

    private void history(V2History history) {
        out.append("{\"Queue\":{\"Events\":[");
        for (int i = 0; i < V2History.CAPACITY; i++) {
            if (i > 0) {
                out.append(',');
            }
            var event = history.slot(i);
            if (event == null) {
                out.append("null");
            } else {
                event(event);
            }
        }
        number("],\"Size\":", history.size());
        number(",\"Front\":", history.front());
        number(",\"Back\":", history.back());
        number(",\"Capacity\":", V2History.CAPACITY);
        number("},\"StartIndex\":", history.startIndex());
        number(",\"LastIndex\":", history.lastIndex());
        out.append('}');
    }

    private void event(V2Event event) {
        out.append("{\"action\":\"").append(event.action().text()).append("\",\"node\":");
        node(event.node());
        if (event.previous() != null) {
            out.append(",\"prevNode\":");
            node(event.previous());
        }
        out.append(event.refresh() ? ",\"refresh\":true}" : "}");
    }

    /// A node as clients see it; the nodes of events have no children.
    private void node(V2Node node) {
        GoJson.quote(out.append("{\"key\":"), node.key());
        if (node.value() != null) {
            GoJson.quote(out.append(",\"value\":"), node.value());
        }
        if (node.dir()) {
            out.append(",\"dir\":true");
        }
        if (node.expiration() != null) {
            out.append(",\"expiration\":\"").append(time(node.expiration())).append('"');
        }
        numberUnlessZero(",\"ttl\":", Long.toString(node.ttlSeconds()));
        numberUnlessZero(",\"modifiedIndex\":", Long.toUnsignedString(node.modifiedIndex()));
        numberUnlessZero(",\"createdIndex\":", Long.toUnsignedString(node.createdIndex()));
        out.append('}');
    }

    private void stats(V2Stats stats) {
        var separator = '{';
        for (var counter : V2Stats.Counter.values()) {
            number(separator + "\"" + counter.text + "\":", stats.get(counter));
            separator = ',';
        }
        out.append('}');
    }

    private void number(String before, long number) {
        out.append(before).append(Long.toUnsignedString(number));
    }

    private void numberUnlessZero(String before, String number) {
        if (!number.equals("0")) {
            out.append(before).append(number);
        }
    }

    private static String time(Instant time) {
        return TIME.format(time);
    }
}
