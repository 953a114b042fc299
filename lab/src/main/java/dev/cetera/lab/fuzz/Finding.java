package dev.cetera.lab.fuzz;

import java.io.PrintWriter;
import java.io.StringWriter;

/// What a reader did that it must not do.
///
/// @param kind one word of what and where, the same for all inputs that find the same bug
/// @param text all that is known of it
record Finding(String kind, String text) {
    private static final String OWN = "dev.cetera.lab.";

    static Finding thrown(Throwable thrown) {
        var text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return new Finding(thrown.getClass().getSimpleName() + " at " + place(thrown), text.toString());
    }

    /// The place in the product where it came from; in the oracle if it is that which complains.
    private static String place(Throwable thrown) {
        for (var frame : thrown.getStackTrace()) {
            if (frame.getClassName().startsWith("dev.cetera.")
                    && !frame.getClassName().startsWith(OWN)) {
                return frame.getClassName() + "." + frame.getMethodName();
            }
        }
        for (var frame : thrown.getStackTrace()) {
            if (frame.getClassName().startsWith(OWN)) {
                return frame.getClassName() + "." + frame.getMethodName();
            }
        }
        return "nowhere";
    }

    static Finding memory(long allocated, long allowed, int length) {
        return new Finding(
                "memory",
                "allocated " + allocated + " bytes for an input of " + length + " bytes, allowed are " + allowed);
    }

    static Finding slow(long millis, int length) {
        return new Finding("slow", "took " + millis + " ms of processor time for an input of " + length + " bytes");
    }
}
