package dev.cetera.ctl.command;

/// How the program ends.
public enum Exit {
    SUCCESS(0),
    ERROR(1),
    /// There is no connection, or the login was refused.
    BAD_CONNECTION(2),
    /// What was typed into a transaction or a watch, or a file, is not good.
    INVALID_INPUT(3),
    /// A flag's value that is not supported.
    BAD_FEATURE(4),
    INTERRUPTED(5),
    IO(6),
    BAD_ARGUMENTS(128);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
