package dev.cetera.apply;

import dev.cetera.api.Refusal;

/// Result of applying one entry. Every member must reach the same one, so a refusal is data, not a throw.
public sealed interface Outcome<T> {
    record Done<T>(T response) implements Outcome<T> {}

    record Refused<T>(Refusal why) implements Outcome<T> {}
}
