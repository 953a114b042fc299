package dev.cetera.v2;

/// Result of applying one v2 request. Every member reaches the same one.
public sealed interface V2Outcome {
    record Done(V2Event event) implements V2Outcome {}

    record Refused(V2Error why) implements V2Outcome {}

    /// Applied, and nobody waits for an answer (SYNC).
    record Silent() implements V2Outcome {}

    /// A method that no release proposes; nothing changed. The proposer is told `etcdserver: unknown method`.
    record UnknownMethod() implements V2Outcome {}
}
