package dev.cetera.metrics;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/// Families of metrics by name, and their text form (Prometheus 0.0.4). An instance belongs to one member;
/// nothing is static. Shared; guarded by itself.
public final class Registry {
    private enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM,
        SUMMARY
    }

    private record Child(String labels, Object metric) {}

    /// Tells a text, as the label of a gauge that is always 1.
    private record Info(String label, Supplier<String> value) {}

    private record Totals(DoubleSupplier sum, DoubleSupplier count) {}

    private record Family(Type type, String help, List<Child> children) {}

    private final Map<String, Family> families = new TreeMap<>();

    /// A counter.
    ///
    /// @param labels alternating names and values
    public Counter counter(String name, String help, String... labels) {
        return add(Type.COUNTER, name, help, new Counter(), labels);
    }

    /// A counter that somebody else keeps.
    void counter(String name, String help, DoubleSupplier source, String... labels) {
        add(Type.COUNTER, name, help, new Gauge(), labels).follow(source);
    }

    /// A counter of which somebody else knows the value.
    Gauge followingCounter(String name, String help) {
        return add(Type.COUNTER, name, help, new Gauge());
    }

    /// A counter that etcd calls a gauge.
    Counter countingGauge(String name, String help) {
        return add(Type.GAUGE, name, help, new Counter());
    }

    /// How often something happened and how long it took in all, without the distribution.
    void summary(String name, String help, DoubleSupplier sum, DoubleSupplier count) {
        var _ = add(Type.SUMMARY, name, help, new Totals(sum, count));
    }

    public Gauge gauge(String name, String help, String... labels) {
        return add(Type.GAUGE, name, help, new Gauge(), labels);
    }

    /// A text that somebody else keeps; while it is empty the family has no sample.
    void info(String name, String help, String label, Supplier<String> value) {
        var _ = add(Type.GAUGE, name, help, new Info(label, value));
    }

    Histogram histogram(String name, String help, Histogram histogram, String... labels) {
        return add(Type.HISTOGRAM, name, help, histogram, labels);
    }

    private synchronized <T> T add(Type type, String name, String help, T metric, String... labels) {
        var family = families.computeIfAbsent(name, _ -> new Family(type, help, new ArrayList<>()));
        if (family.type != type) {
            throw new IllegalArgumentException(name + " is a " + family.type);
        }
        var text = new StringBuilder();
        for (int i = 0; i < labels.length; i += 2) {
            text.append(labels[i]).append("=\"").append(escape(labels[i + 1])).append("\",");
        }
        family.children.add(new Child(text.toString(), metric));
        return metric;
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /// Everything, in order of name.
    public synchronized String text() {
        var out = new StringBuilder(1 << 16);
        families.forEach((name, family) -> {
            out.append("# HELP ").append(name).append(' ').append(family.help).append('\n');
            out.append("# TYPE ").append(name).append(' ');
            out.append(
                    switch (family.type) {
                        case COUNTER -> "counter";
                        case GAUGE -> "gauge";
                        case HISTOGRAM -> "histogram";
                        case SUMMARY -> "summary";
                    });
            out.append('\n');
            for (var child : family.children) {
                write(out, name, child);
            }
        });
        return out.toString();
    }

    private static void write(StringBuilder out, String name, Child child) {
        if (child.metric instanceof Histogram histogram) {
            histogram.write(out, name, child.labels);
            return;
        }
        if (child.metric instanceof Info info) {
            var value = info.value.get();
            if (!value.isEmpty()) {
                out.append(name).append('{').append(info.label).append("=\"").append(escape(value));
                out.append("\"} 1\n");
            }
            return;
        }
        if (child.metric instanceof Totals totals) {
            out.append(name)
                    .append("_sum ")
                    .append(number(totals.sum.getAsDouble()))
                    .append('\n');
            out.append(name)
                    .append("_count ")
                    .append(number(totals.count.getAsDouble()))
                    .append('\n');
            return;
        }
        out.append(name);
        if (!child.labels.isEmpty()) {
            out.append('{').append(child.labels, 0, child.labels.length() - 1).append('}');
        }
        out.append(' ');
        if (child.metric instanceof Counter counter) {
            out.append(counter.value());
        } else if (child.metric instanceof Gauge gauge) {
            out.append(number(gauge.value()));
        }
        out.append('\n');
    }

    /// Without an exponent, and without a point where none is needed.
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }
}
