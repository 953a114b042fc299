package dev.cetera.v2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A path of the tree in its one clean form: the names from the root down, none of them empty, `.` or `..`.
/// Immutable.
record V2Path(List<String> names) {
    private static final V2Path ROOT = new V2Path(List.of());

    /// Reads any text as a path from the root; what would lead above the root is dropped.
    static V2Path of(String text) {
        if (isClean(text)) {
            return new V2Path(Arrays.asList(text.substring(1).split("/", -1)));
        }
        var names = new ArrayList<String>();
        for (var name : text.split("/", -1)) {
            switch (name) {
                case "", "." -> {}
                case ".." -> {
                    if (!names.isEmpty()) {
                        names.removeLast();
                    }
                }
                default -> names.add(name);
            }
        }
        return names.isEmpty() ? ROOT : new V2Path(names);
    }

    private static boolean isClean(String text) {
        return text.length() > 1
                && text.startsWith("/")
                && !text.endsWith("/")
                && !text.contains("//")
                && !text.contains("/.");
    }

    /// The root and the two namespaces can't be changed or removed.
    boolean readOnly() {
        return names.isEmpty() || (names.size() == 1 && (names.contains("0") || names.contains("1")));
    }

    String name() {
        return names.getLast();
    }

    V2Path parent() {
        return new V2Path(names.subList(0, names.size() - 1));
    }

    @Override
    public String toString() {
        return "/" + String.join("/", names);
    }

    /// Path of a child.
    static String child(String parent, String name) {
        return parent.equals("/") ? "/" + name : parent + "/" + name;
    }
}
