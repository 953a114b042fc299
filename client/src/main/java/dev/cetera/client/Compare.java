package dev.cetera.client;

/// One condition of a [Txn]: a property of a key, or of every key in a range, compared with an operand. A key
/// that does not exist has version, revisions and lease 0, and is equal to no value.
public record Compare(KeyRange keys, Property property, Relation relation, Operand operand) {
    /// What of a key is looked at.
    public enum Property {
        VERSION,
        CREATE_REVISION,
        MOD_REVISION,
        VALUE,
        LEASE
    }

    /// How it must stand to the operand.
    public enum Relation {
        EQUAL,
        GREATER,
        LESS,
        NOT_EQUAL
    }

    /// What it is compared with: bytes for [Property#VALUE], a number for all others.
    public sealed interface Operand {
        record Numeral(long number) implements Operand {}

        record Content(Value value) implements Operand {}
    }

    public Compare {
        if ((property == Property.VALUE) != (operand instanceof Operand.Content)) {
            throw new IllegalArgumentException(property + " cannot be compared with " + operand);
        }
    }

    public static Numeric version(Key key) {
        return new Numeric(KeyRange.of(key), Property.VERSION);
    }

    public static Numeric version(KeyRange keys) {
        return new Numeric(keys, Property.VERSION);
    }

    public static Numeric createRevision(Key key) {
        return new Numeric(KeyRange.of(key), Property.CREATE_REVISION);
    }

    public static Numeric createRevision(KeyRange keys) {
        return new Numeric(keys, Property.CREATE_REVISION);
    }

    public static Numeric modRevision(Key key) {
        return new Numeric(KeyRange.of(key), Property.MOD_REVISION);
    }

    public static Numeric modRevision(KeyRange keys) {
        return new Numeric(keys, Property.MOD_REVISION);
    }

    public static Numeric lease(Key key) {
        return new Numeric(KeyRange.of(key), Property.LEASE);
    }

    public static Numeric lease(KeyRange keys) {
        return new Numeric(keys, Property.LEASE);
    }

    public static Binary value(Key key) {
        return new Binary(KeyRange.of(key));
    }

    public static Binary value(KeyRange keys) {
        return new Binary(keys);
    }

    /// The key exists.
    public static Compare exists(Key key) {
        return version(key).greaterThan(0);
    }

    /// The key does not exist.
    public static Compare missing(Key key) {
        return version(key).equalTo(0);
    }

    /// A comparison that lacks its operand.
    public record Numeric(KeyRange keys, Property property) {
        public Compare equalTo(long number) {
            return with(Relation.EQUAL, number);
        }

        public Compare notEqualTo(long number) {
            return with(Relation.NOT_EQUAL, number);
        }

        public Compare greaterThan(long number) {
            return with(Relation.GREATER, number);
        }

        public Compare lessThan(long number) {
            return with(Relation.LESS, number);
        }

        public Compare with(Relation relation, long number) {
            return new Compare(keys, property, relation, new Operand.Numeral(number));
        }
    }

    /// A comparison of values that lacks its operand.
    public record Binary(KeyRange keys) {
        public Compare equalTo(Value value) {
            return with(Relation.EQUAL, value);
        }

        public Compare equalTo(String value) {
            return equalTo(Value.of(value));
        }

        public Compare notEqualTo(Value value) {
            return with(Relation.NOT_EQUAL, value);
        }

        public Compare greaterThan(Value value) {
            return with(Relation.GREATER, value);
        }

        public Compare lessThan(Value value) {
            return with(Relation.LESS, value);
        }

        public Compare with(Relation relation, Value value) {
            return new Compare(keys, Property.VALUE, relation, new Operand.Content(value));
        }
    }
}
