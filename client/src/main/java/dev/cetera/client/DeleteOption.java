package dev.cetera.client;

/// How to delete.
///
/// @param previous whether the answer has what was there before
public record DeleteOption(Previous previous) {
    public static final DeleteOption DEFAULTS = new DeleteOption(Previous.LEFT_OUT);

    public DeleteOption withPrevious() {
        return new DeleteOption(Previous.RETURNED);
    }
}
