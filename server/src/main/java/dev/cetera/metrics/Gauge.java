package dev.cetera.metrics;

import java.util.function.DoubleSupplier;

/// A number that goes up and down: set by whoever knows it, or asked for when it is read. Shared.
public final class Gauge {
    private volatile DoubleSupplier source = () -> 0;

    public void set(double value) {
        source = () -> value;
    }

    /// From now on the value is what the source says at the moment of reading; it must be cheap and safe from
    /// any thread.
    public void follow(DoubleSupplier newSource) {
        source = newSource;
    }

    public double value() {
        return source.getAsDouble();
    }
}
