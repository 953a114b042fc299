package dev.cetera.client;

/// Which keys a request is about: one key, those with a prefix, those from a key on, or those between two.
/// `end` is exclusive; empty means `key` alone, a single byte 0 means that there is no end.
public record KeyRange(Key key, Key end) {
    static final Key NO_END = Key.of(new byte[1]);

    /// One key.
    public static KeyRange of(Key key) {
        return new KeyRange(key, Key.EMPTY);
    }

    public static KeyRange of(String key) {
        return of(Key.of(key));
    }

    /// All keys that begin with `prefix`; all there are if it is empty.
    public static KeyRange prefix(Key prefix) {
        return prefix.isEmpty() ? all() : new KeyRange(prefix, prefix.prefixEnd());
    }

    public static KeyRange prefix(String prefix) {
        return prefix(Key.of(prefix));
    }

    /// All keys that are not less than `key`.
    public static KeyRange from(Key key) {
        return new KeyRange(key.isEmpty() ? NO_END : key, NO_END);
    }

    /// From `first` up to and without `end`.
    public static KeyRange between(Key first, Key end) {
        return new KeyRange(first, end);
    }

    public static KeyRange all() {
        return new KeyRange(NO_END, NO_END);
    }

    public boolean isSingle() {
        return end.isEmpty();
    }

    /// Whether it has no end, so that every key from `key` on is in it.
    public boolean isOpen() {
        return end.equals(NO_END);
    }

    public boolean contains(Key candidate) {
        if (isSingle()) {
            return candidate.equals(key);
        }
        return candidate.compareTo(key) >= 0 && (isOpen() || candidate.compareTo(end) < 0);
    }
}
