package dev.cetera.v2;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What happened to a node.
public enum V2Action {
    GET("get"),
    CREATE("create"),
    SET("set"),
    UPDATE("update"),
    DELETE("delete"),
    COMPARE_AND_SWAP("compareAndSwap"),
    COMPARE_AND_DELETE("compareAndDelete"),
    EXPIRE("expire");

    private static final Map<String, V2Action> BY_TEXT =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(V2Action::text, action -> action));

    private final String text;

    V2Action(String text) {
        this.text = text;
    }

    /// As it stands in JSON.
    public String text() {
        return text;
    }

    static @Nullable V2Action of(String text) {
        return BY_TEXT.get(text);
    }
}
