package dev.cetera.client;

/// How to read. Revisions of 0 and a limit of 0 mean none.
///
/// @param revision reads the store as it was then
/// @param limit at most so many keys
public record GetOption(
        long revision,
        long limit,
        SortTarget sortBy,
        SortOrder order,
        Consistency consistency,
        Content content,
        long minModRevision,
        long maxModRevision,
        long minCreateRevision,
        long maxCreateRevision) {
    /// Linearizable, everything, by key.
    public static final GetOption DEFAULTS = new GetOption(
            0, 0, SortTarget.KEY, SortOrder.NONE, Consistency.LINEARIZABLE, Content.KEYS_AND_VALUES, 0, 0, 0, 0);

    /// What to sort by.
    public enum SortTarget {
        KEY,
        VERSION,
        CREATE_REVISION,
        MOD_REVISION,
        VALUE
    }

    /// `NONE` leaves the order of keys.
    public enum SortOrder {
        NONE,
        ASCENDING,
        DESCENDING
    }

    /// `SERIALIZABLE` is answered by any member from what it has, which may be old.
    public enum Consistency {
        LINEARIZABLE,
        SERIALIZABLE
    }

    /// What comes back of each key.
    public enum Content {
        KEYS_AND_VALUES,
        KEYS,
        COUNT
    }

    public GetOption withRevision(long at) {
        return new GetOption(
                at,
                limit,
                sortBy,
                order,
                consistency,
                content,
                minModRevision,
                maxModRevision,
                minCreateRevision,
                maxCreateRevision);
    }

    public GetOption withLimit(long most) {
        return new GetOption(
                revision,
                most,
                sortBy,
                order,
                consistency,
                content,
                minModRevision,
                maxModRevision,
                minCreateRevision,
                maxCreateRevision);
    }

    public GetOption withSort(SortTarget by, SortOrder direction) {
        return new GetOption(
                revision,
                limit,
                by,
                direction,
                consistency,
                content,
                minModRevision,
                maxModRevision,
                minCreateRevision,
                maxCreateRevision);
    }

    public GetOption withSerializable() {
        return new GetOption(
                revision,
                limit,
                sortBy,
                order,
                Consistency.SERIALIZABLE,
                content,
                minModRevision,
                maxModRevision,
                minCreateRevision,
                maxCreateRevision);
    }

    public GetOption withKeysOnly() {
        return withContent(Content.KEYS);
    }

    public GetOption withCountOnly() {
        return withContent(Content.COUNT);
    }

    private GetOption withContent(Content what) {
        return new GetOption(
                revision,
                limit,
                sortBy,
                order,
                consistency,
                what,
                minModRevision,
                maxModRevision,
                minCreateRevision,
                maxCreateRevision);
    }

    /// Only keys whose last change lies in this range, both ends included; 0 for no bound.
    public GetOption withModRevisions(long least, long most) {
        return new GetOption(
                revision,
                limit,
                sortBy,
                order,
                consistency,
                content,
                least,
                most,
                minCreateRevision,
                maxCreateRevision);
    }

    /// Only keys that were made in this range, both ends included; 0 for no bound.
    public GetOption withCreateRevisions(long least, long most) {
        return new GetOption(
                revision, limit, sortBy, order, consistency, content, minModRevision, maxModRevision, least, most);
    }

    /// Of a range, only the key that comes first by `target`.
    public static GetOption firstBy(SortTarget target) {
        return DEFAULTS.withSort(target, SortOrder.ASCENDING).withLimit(1);
    }

    /// Of a range, only the key that comes last by `target`.
    public static GetOption lastBy(SortTarget target) {
        return DEFAULTS.withSort(target, SortOrder.DESCENDING).withLimit(1);
    }
}
