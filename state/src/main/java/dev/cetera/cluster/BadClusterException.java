package dev.cetera.cluster;

/// What an operator wrote about the cluster can't be used; the message is etcd's.
public final class BadClusterException extends Exception {
    private static final long serialVersionUID = 1;

    public BadClusterException(String message) {
        super(message);
    }
}
