package dev.cetera.config;

import dev.cetera.config.FlagSpec.Kind;
import dev.cetera.config.GoSyntax.BadLiteral;
import dev.cetera.config.YamlText.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The values of flags, read from a configuration file in YAML or JSON by etcd's rules: keys are the names of
/// flags, in any case; types are strict; `null` leaves a default; URLs are one string, spans of time are
/// nanoseconds; what guards connections stands in two sections. The refusals are worded as by Go's decoder.
///
/// Confined to the thread that starts the program.
final class ConfigFile {
    /// The file says something that it cannot; the message is Go's.
    static final class BadFile extends Exception {
        private static final long serialVersionUID = 1;

        BadFile(String message) {
            super(message);
        }
    }

    /// The file is readable, but a value in it ends the program on the spot.
    static final class BadValue extends Exception {
        private static final long serialVersionUID = 1;
        /// The package that the line is from.
        final String source;
        /// Whether etcd panics over it.
        final boolean panics;

        BadValue(String source, String message, boolean panics) {
            super(message);
            this.source = source;
            this.panics = panics;
        }
    }

    /// The keys of a section, with the flags that they stand for.
    private static final List<String> GUARDED =
            List.of("ca-file", "cert-file", "key-file", "client-cert-auth", "trusted-ca-file", "auto-tls");

    private static final Map<String, String> SECTIONS =
            Map.of("client-transport-security", "", "peer-transport-security", "peer-");
    /// Read in a second pass by another part of etcd, which takes any scalar for a string.
    private static final Set<String> PROXY = Set.of(
            "proxy",
            "discovery-fallback",
            "proxy-failure-wait",
            "proxy-refresh-interval",
            "proxy-dial-timeout",
            "proxy-write-timeout",
            "proxy-read-timeout");

    private static final String OUTER = "configYAML";
    private static final String PROXY_OUTER = "configProxy";

    private final Flags flags;
    private final Map<String, FlagSpec> known = new HashMap<>();
    private final List<String> strange = new ArrayList<>();

    private ConfigFile(Flags flags) {
        this.flags = flags;
        for (var spec : flags.known()) {
            known.put(spec.name(), spec);
        }
        for (var prefix : SECTIONS.values()) {
            GUARDED.forEach(key -> known.remove(prefix + key));
        }
        known.remove("config-file");
        known.remove("version");
        known.values().removeIf(spec -> spec.kind() == Kind.RETIRED);
    }

    /// Gives the flags the values that are in a file.
    ///
    /// @return keys that mean nothing
    static List<String> read(String text, Flags flags) throws BadFile, BadValue {
        var file = new ConfigFile(flags);
        file.read(YamlText.parse(text));
        return List.copyOf(file.strange);
    }

    private void read(Value document) throws BadFile, BadValue {
        if (document instanceof Value.Null) {
            return;
        }
        if (!(document instanceof Value.Fields(var all))) {
            throw unfit(document, "value of type embed.configYAML");
        }
        var texts = new TreeMap<String, String>();
        var proxy = new TreeMap<String, String>();
        // Go's decoder meets the keys in order.
        for (var entry : new TreeMap<>(all).entrySet()) {
            var key = entry.getKey().toLowerCase(Locale.ROOT);
            var prefix = SECTIONS.get(key);
            var spec = known.get(key);
            if (entry.getValue() instanceof Value.Null && (prefix != null || spec != null)) {
                continue;
            }
            if (prefix != null) {
                section(key, prefix, entry.getValue(), texts);
            } else if (spec == null) {
                strange.add(entry.getKey());
            } else if (!PROXY.contains(key)) {
                texts.put(key, text(spec, OUTER, key, entry.getValue()));
            }
        }
        for (var entry : new TreeMap<>(all).entrySet()) {
            var key = entry.getKey().toLowerCase(Locale.ROOT);
            if (PROXY.contains(key) && !(entry.getValue() instanceof Value.Null)) {
                var spec = flags.spec(key);
                proxy.put(key, text(spec, PROXY_OUTER, key, entry.getValue()));
            }
        }
        setUrls(texts);
        texts.forEach(flags::put);
        setProxy(proxy);
    }

    private void section(String name, String prefix, Value value, Map<String, String> texts) throws BadFile {
        if (!(value instanceof Value.Fields(var all))) {
            throw unfit(value, "struct field " + OUTER + "." + name + " of type embed.securityConfig");
        }
        for (var entry : new TreeMap<>(all).entrySet()) {
            var key = entry.getKey().toLowerCase(Locale.ROOT);
            if (!GUARDED.contains(key)) {
                strange.add(name + "." + entry.getKey());
            } else if (!(entry.getValue() instanceof Value.Null)) {
                var spec = flags.spec(prefix + key);
                texts.put(spec.name(), text(spec, "securityConfig", name + "." + key, entry.getValue()));
            }
        }
    }

    /// A value as the flag takes it.
    private static String text(FlagSpec spec, String outer, String key, Value value) throws BadFile {
        var where = "struct field " + outer + "." + key + " of type ";
        boolean proxy = outer.equals(PROXY_OUTER);
        if (spec.name().equals("cipher-suites")) {
            if (!(value instanceof Value.Items(var items))) {
                throw unfit(value, where + "[]string");
            }
            var names = new ArrayList<String>();
            for (var item : items) {
                names.add(string(item, where, false));
            }
            return String.join(",", names);
        }
        return switch (spec.kind()) {
            case STRING, URLS, CHOICE, RETIRED -> string(value, where, proxy);
            case BOOL -> {
                if (value instanceof Value.Bool(boolean on)) {
                    yield String.valueOf(on);
                }
                throw unfit(value, where + "bool");
            }
            case UINT -> number(value, where, spec.name().equals("snapshot-count") ? "uint64" : "uint");
            case INT64 -> number(value, where, "int64");
            case DURATION -> number(value, where, "time.Duration") + "ns";
        };
    }

    private static String string(Value value, String where, boolean anyScalar) throws BadFile {
        if (value instanceof Value.Text(var text)) {
            return text;
        }
        if (anyScalar && value instanceof Value.Bool(boolean on)) {
            return String.valueOf(on);
        }
        if (anyScalar && value instanceof Value.Figure(var text)) {
            return text;
        }
        throw unfit(value, where + "string");
    }

    private static String number(Value value, String where, String type) throws BadFile {
        if (value instanceof Value.Figure(var text)) {
            try {
                if (type.startsWith("uint")) {
                    GoSyntax.unsigned(text);
                } else {
                    GoSyntax.signed(text);
                }
                return text;
            } catch (BadLiteral _) {
                throw refused("number " + text, where + type);
            }
        }
        throw unfit(value, where + type);
    }

    private static BadFile unfit(Value value, String where) {
        var kind = switch (value) {
            case Value.Null() -> "null";
            case Value.Bool _ -> "bool";
            case Value.Figure _ -> "number";
            case Value.Text _ -> "string";
            case Value.Items _ -> "array";
            case Value.Fields _ -> "object";
        };
        return refused(kind, where);
    }

    private static BadFile refused(String what, String where) {
        return new BadFile(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " + what + " into Go " + where);
    }

    // ---- what the types do not say ----

    /// In the order in which etcd looks at them, and with the name that it has for one of them.
    private void setUrls(Map<String, String> texts) throws BadValue {
        for (var name : List.of(
                "listen-peer-urls",
                "listen-client-urls",
                "initial-advertise-peer-urls",
                "advertise-client-urls",
                "listen-metrics-urls")) {
            var text = texts.remove(name);
            if (text == null || text.isEmpty()) {
                continue;
            }
            try {
                var _ = Url.list(text);
                flags.put(name, text);
            } catch (BadLiteral bad) {
                var shown = name.equals("advertise-client-urls") ? "advertise-peer-urls" : name;
                throw new BadValue("embed", "unexpected error setting up " + shown + ": " + bad.getMessage(), false);
            }
        }
        if ("".equals(texts.get("initial-cluster-state"))) {
            texts.remove("initial-cluster-state");
        }
    }

    private void setProxy(Map<String, String> proxy) throws BadValue {
        setChoice("discovery-fallback", proxy.remove("discovery-fallback"), "discovery-fallback flag");
        setChoice("proxy", proxy.remove("proxy"), "proxyFlag");
        proxy.forEach(flags::put);
    }

    private void setChoice(String name, @Nullable String text, String shown) throws BadValue {
        if (text == null || text.isEmpty()) {
            return;
        }
        try {
            flags.set(name, text);
        } catch (BadLiteral bad) {
            throw new BadValue("etcdmain", "unexpected error setting up " + shown + ": " + bad.getMessage(), true);
        }
    }
}
