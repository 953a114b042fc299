package dev.cetera.lab.mutation;

/// A mutation can't be carried out: it does not fit the source, or what it makes of it can't be compiled.
public final class MutationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MutationException(String message) {
        super(message);
    }

    MutationException(String message, Throwable cause) {
        super(message, cause);
    }
}
