package dev.cetera.ctl.command;

import org.jspecify.annotations.Nullable;

/// A command that could not be done. The message goes to the error stream behind `Error: `.
public final class Failure extends Exception {
    private static final long serialVersionUID = 1;
    private final Exit exit;
    private final boolean told;

    public Failure(Exit exit, @Nullable String message) {
        super(String.valueOf(message), null, false, false);
        this.exit = exit;
        this.told = false;
    }

    private Failure(Exit exit) {
        super("", null, false, false);
        this.exit = exit;
        this.told = true;
    }

    static Failure badArguments(String message) {
        return new Failure(Exit.BAD_ARGUMENTS, message);
    }

    /// One whose reasons were printed already.
    static Failure told(Exit exit) {
        return new Failure(exit);
    }

    public Exit exit() {
        return exit;
    }

    public boolean isTold() {
        return told;
    }
}
