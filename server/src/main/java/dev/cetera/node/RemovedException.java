package dev.cetera.node;

/// The cluster has removed this member for good: nothing is wrong, but it has no more business here. Whoever
/// started the member closes it in good order; the program ends with exit code 0.
public final class RemovedException extends Exception {
    private static final long serialVersionUID = 1;

    public RemovedException() {
        super("the member has been permanently removed from the cluster");
    }
}
