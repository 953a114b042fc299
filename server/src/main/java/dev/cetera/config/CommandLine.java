package dev.cetera.config;

import dev.cetera.config.Clustering.Beginning;
import dev.cetera.config.Clustering.Caution;
import dev.cetera.config.Clustering.Restart;
import dev.cetera.config.Config.Addresses;
import dev.cetera.config.Config.Bootstrap;
import dev.cetera.config.Config.FreeSpace;
import dev.cetera.config.Config.KeepAlive;
import dev.cetera.config.Config.Limits;
import dev.cetera.config.Config.Logging;
import dev.cetera.config.Config.MetricsDetail;
import dev.cetera.config.Config.Output;
import dev.cetera.config.Config.PeerAddress;
import dev.cetera.config.Config.Profiling;
import dev.cetera.config.Config.TickAdvance;
import dev.cetera.config.Config.Verbosity;
import dev.cetera.config.GoSyntax.BadLiteral;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Arguments, environment and configuration file in, one [Outcome] out. A flag beats a variable beats a
/// default; a file beats them all. The checks run in etcd's order.
public final class CommandLine {
    private static final String PREFIX = "ETCD_";
    private static final int EXIT_FATAL = 1;
    private static final int EXIT_PANIC = 2;
    /// Other programs of etcd, in the same executable.
    private static final List<String> COMMANDS = List.of("gateway", "grpc-proxy");
    private static final String NEW = "new";
    private static final String EXISTING = "existing";
    private static final String PERIODIC = "periodic";
    private static final String REVISION = "revision";
    private static final long MAX_ELECTION_MILLIS = 50_000;
    /// What nanoseconds can count: 292 years.
    private static final long MAX_HOURS = TimeUnit.NANOSECONDS.toHours(Long.MAX_VALUE);
    /// A message of more than 2 GiB less framing could not be received anyway.
    private static final long MAX_REQUEST_BYTES = 1_000_000_000;

    /// What the program is to do.
    public sealed interface Outcome {
        /// Run a member.
        ///
        /// @param notes lines to log once logging is set up
        record Run(Config config, List<Note> notes) implements Outcome {}

        /// Print a text on standard output (and another on standard error) and leave with 0.
        record Print(String out, String err) implements Outcome {}

        /// The arguments could not be read: message and usage on standard error, exit 2.
        record Unreadable(String message, String usage) implements Outcome {}

        /// They contradict each other: `error verifying flags, ...`, exit 1.
        ///
        /// @param notes lines to log before
        record Contradiction(String message, @Nullable String hint, List<Note> notes) implements Outcome {}

        /// Anything else that prevents a start: a critical line.
        ///
        /// @param source the package that the line is from
        /// @param code   the program's exit code
        /// @param notes  lines to log before
        record Fatal(String source, String message, int code, List<Note> notes) implements Outcome {}
    }

    /// A line for the log: whether something was merely noticed or needs attention.
    public record Note(Weight weight, String source, String text, Moment moment) {
        Note(Weight weight, String source, String text) {
            this(weight, source, text, Moment.READING);
        }
    }

    /// When a line is logged.
    public enum Moment {
        /// Before anything else.
        READING,
        /// After the program has said what it is.
        STARTING
    }

    public enum Weight {
        INFO,
        WARNING
    }

    private static final class Contradicted extends Exception {
        private static final long serialVersionUID = 1;
        private final @Nullable String hint;

        Contradicted(String message, @Nullable String hint) {
            super(message);
            this.hint = hint;
        }
    }

    private static final class Hopeless extends Exception {
        private static final long serialVersionUID = 1;
        private final String source;
        private final int code;

        Hopeless(String message) {
            this("etcdmain", message, EXIT_FATAL);
        }

        Hopeless(String source, String message, int code) {
            super(message);
            this.source = source;
            this.code = code;
        }
    }

    private Flags flags = new Flags(ServerFlags.all());
    private final List<Note> notes = new ArrayList<>();
    private boolean fromFile;

    private CommandLine() {}

    public static Outcome read(List<String> args, Map<String, String> environment) {
        return new CommandLine().outcome(args, environment);
    }

    private Outcome outcome(List<String> args, Map<String, String> environment) {
        try {
            flags.parse(args);
            if (!flags.rest().isEmpty()) {
                var first = flags.rest().getFirst();
                if (COMMANDS.contains(first)) {
                    throw new Hopeless("the command " + GoSyntax.quote(first) + " is not served by this version");
                }
                throw contradiction("'" + first + "' is not a valid flag");
            }
            if (flags.bool("version")) {
                return new Outcome.Print(version(), "");
            }
            if (flags.text("config-file").isEmpty()) {
                readEnvironment(environment);
            } else {
                readFile(flags.text("config-file"));
            }
            checkEtcdRules();
            refuseWhatIsNotServed();
            return new Outcome.Run(config(), List.copyOf(notes));
        } catch (Flags.HelpAsked _) {
            return new Outcome.Print(ServerFlags.help(), ServerFlags.USAGE);
        } catch (Flags.BadFlag bad) {
            return new Outcome.Unreadable(message(bad), ServerFlags.USAGE);
        } catch (Contradicted bad) {
            return new Outcome.Contradiction(message(bad), bad.hint, List.copyOf(notes));
        } catch (Hopeless bad) {
            return new Outcome.Fatal(bad.source, message(bad), bad.code, List.copyOf(notes));
        }
    }

    private static String message(Exception thrown) {
        return String.valueOf(thrown.getMessage());
    }

    private static String version() {
        return "etcd Version: " + Release.CURRENT.version()
                + "\nGit SHA: Not provided\n" + "Go Version: java"
                + Runtime.version().feature() + "\nGo OS/Arch: " + platform() + "\n";
    }

    /// `linux/amd64` and the like.
    public static String platform() {
        var system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        var machine = System.getProperty("os.arch", "");
        return (system.startsWith("mac") ? "darwin" : system.startsWith("windows") ? "windows" : system) + "/"
                + (machine.equals("aarch64") ? "arm64" : machine.equals("x86_64") ? "amd64" : machine);
    }

    // ---- configuration file ----

    /// All else that was given is void.
    private void readFile(String path) throws Contradicted, Hopeless {
        notes.add(new Note(Weight.INFO, "etcdmain", "Loading server configuration from " + GoSyntax.quote(path)));
        flags = new Flags(ServerFlags.all());
        // A file has to name the mode; only flags have one by default.
        flags.put("auto-compaction-mode", "");
        try {
            var text = Files.readString(Path.of(path));
            for (var strange : ConfigFile.read(text, flags)) {
                notes.add(new Note(
                        Weight.WARNING,
                        "etcdmain",
                        "unknown key " + GoSyntax.quote(strange) + " in " + path + ", ignoring it"));
            }
        } catch (NoSuchFileException _) {
            throw contradiction("open " + path + ": no such file or directory");
        } catch (AccessDeniedException _) {
            throw contradiction("open " + path + ": permission denied");
        } catch (CharacterCodingException _) {
            throw contradiction("error converting YAML to JSON: yaml: " + path + " is not in UTF-8");
        } catch (InvalidPathException _) {
            throw contradiction("open " + path + ": invalid argument");
        } catch (IOException bad) {
            boolean directory = Files.isDirectory(Path.of(path));
            throw contradiction("read " + path + ": " + (directory ? "is a directory" : message(bad)));
        } catch (ConfigFile.BadFile bad) {
            throw contradiction(message(bad));
        } catch (ConfigFile.BadValue bad) {
            throw new Hopeless(bad.source, message(bad), bad.panics ? EXIT_PANIC : EXIT_FATAL);
        }
        fromFile = true;
    }

    // ---- environment ----

    private void readEnvironment(Map<String, String> environment) throws Hopeless {
        var used = new HashSet<String>();
        var shadowed = new HashSet<String>();
        for (var spec : flags.known()) {
            var variable = PREFIX + spec.name().toUpperCase(Locale.ROOT).replace('-', '_');
            if (flags.isSet(spec.name())) {
                shadowed.add(variable);
                continue;
            }
            var value = environment.getOrDefault(variable, "");
            if (value.isEmpty()) {
                continue;
            }
            used.add(variable);
            try {
                flags.set(spec.name(), value);
            } catch (BadLiteral bad) {
                throw new Hopeless("invalid value " + GoSyntax.quote(value) + " for " + variable + ": " + message(bad));
            }
            note(Weight.INFO, "recognized and used environment variable " + variable + "=" + value);
            if (spec.name().equals("config-file")) {
                note(Weight.WARNING, variable + " does not make the file be read, use the flag --config-file");
            }
        }
        new TreeMap<>(environment).forEach((variable, value) -> {
            if (used.contains(variable)) {
                return;
            }
            if (shadowed.contains(variable)) {
                note(
                        Weight.WARNING,
                        "recognized environment variable " + variable + ", but unused: shadowed by corresponding flag");
            } else if (variable.startsWith(PREFIX)) {
                note(Weight.WARNING, "unrecognized environment variable " + variable + "=" + value);
            }
        });
        try {
            var _ = flags.text("listen-metrics-urls").isEmpty()
                    ? List.of()
                    : Url.list(flags.text("listen-metrics-urls"));
        } catch (BadLiteral bad) {
            throw new Hopeless("unexpected error setting up listen-metrics-urls: " + message(bad));
        }
        for (var spec : flags.known()) {
            if (spec.kind() == FlagSpec.Kind.RETIRED && flags.isSet(spec.name())) {
                note(Weight.WARNING, "flag \"-" + spec.name() + "\" is no longer supported - ignoring.");
            }
        }
    }

    private void note(Weight weight, String text) {
        notes.add(new Note(weight, "pkg/flags", text));
    }

    // ---- checks, in etcd's order ----

    private void checkEtcdRules() throws Contradicted, Hopeless {
        for (var name : List.of("listen-peer-urls", "listen-client-urls", "listen-metrics-urls")) {
            for (var url : flags.urls(name)) {
                if (!url.isSocketFile() && !url.host().equals("localhost") && !isAddressLiteral(url.host())) {
                    throw contradiction("expected IP in URL for binding (" + url + ")");
                }
            }
        }
        for (var name : List.of("initial-advertise-peer-urls", "advertise-client-urls")) {
            for (var url : flags.urls(name)) {
                if (url.host().isEmpty() && !url.isSocketFile()) {
                    var text = name + " \"" + Url.join(flags.urls(name)) + "\" is deprecated (unexpected empty host ("
                            + url + "))";
                    notes.add(new Note(Weight.WARNING, "embed", text));
                }
            }
        }
        boolean discovery = !flags.text("discovery").isEmpty();
        boolean srv = !flags.text("discovery-srv").isEmpty();
        var state = flags.text("initial-cluster-state");
        if (!List.of(NEW, EXISTING).contains(state)) {
            throw contradiction("unexpected clusterState " + GoSyntax.quote(state));
        }
        boolean given =
                flags.isSet("initial-cluster") && !flags.text("initial-cluster").isEmpty();
        if ((discovery && srv) || ((discovery || srv) && given)) {
            throw contradiction("multiple discovery or bootstrap flags are set. "
                    + "Choose one of \"initial-cluster\", \"discovery\" or \"discovery-srv\"");
        }
        checkTiming(flags.number("heartbeat-interval"), flags.number("election-timeout"));
        if (!fromFile && flags.isSet("listen-client-urls") && !flags.isSet("advertise-client-urls")) {
            throw new Contradicted(
                    "--advertise-client-urls is required when --listen-client-urls is set explicitly",
                    "When listening on specific address(es), this etcd process must advertise accessible url(s) "
                            + "to each connected client.");
        }
        checkMode();
    }

    private static void checkTiming(long heartbeat, long election) throws Contradicted {
        if (heartbeat == 0) {
            throw contradiction("--heartbeat-interval must be >0 (set to 0ms)");
        }
        if (election == 0) {
            throw contradiction("--election-timeout must be >0 (set to 0ms)");
        }
        if (Long.compareUnsigned(heartbeat, MAX_ELECTION_MILLIS) > 0
                || Long.compareUnsigned(5 * heartbeat, election) > 0) {
            throw contradiction("--election-timeout[" + Long.toUnsignedString(election)
                    + "ms] should be at least as 5 times as --heartbeat-interval[" + Long.toUnsignedString(heartbeat)
                    + "ms]");
        }
        if (Long.compareUnsigned(election, MAX_ELECTION_MILLIS) > 0) {
            throw contradiction("--election-timeout[" + Long.toUnsignedString(election)
                    + "ms] is too long, and should be set less than 50000ms");
        }
    }

    private void checkMode() throws Contradicted {
        var mode = flags.text("auto-compaction-mode");
        if (!List.of("", PERIODIC, REVISION).contains(mode)) {
            throw contradiction("unknown auto-compaction-mode " + GoSyntax.quote(mode));
        }
    }

    /// A plain number counts hours or revisions; all else is a span of time, whose nanoseconds count revisions
    /// in the other mode. Only a file leaves the mode open, and then a plain number means nothing.
    private Retention retention() throws Hopeless {
        var mode = flags.text("auto-compaction-mode");
        var text = flags.text("auto-compaction-retention");
        var number = GoSyntax.decimal(text);
        long value;
        if (text.isEmpty() || (number.isPresent() && number.getAsLong() >= 0)) {
            value = text.isEmpty() || mode.isEmpty() ? 0 : number.orElse(0);
            if (mode.equals(PERIODIC)) {
                if (value > MAX_HOURS) {
                    throw new Hopeless("--auto-compaction-retention=" + text + " is too long, expected at most "
                            + MAX_HOURS + " hours");
                }
                value = TimeUnit.HOURS.toNanos(value);
            }
        } else {
            try {
                value = GoSyntax.durationNanos(text);
            } catch (BadLiteral bad) {
                throw new Hopeless("error parsing CompactionRetention: " + message(bad));
            }
        }
        if (value < 0) {
            throw new Hopeless("--auto-compaction-retention=" + text + " is negative, expected 0 (keep all) or more");
        }
        if (value == 0) {
            return Retention.ALL;
        }
        return switch (mode) {
            case PERIODIC -> new Retention.Period(value);
            case REVISION -> new Retention.Revisions(value);
            default -> throw new Hopeless("unsupported compaction mode " + mode);
        };
    }

    private void refuseWhatIsNotServed() throws Hopeless {
        for (var spec : flags.known()) {
            if (spec.serving() == FlagSpec.Serving.REFUSED && flags.isChanged(spec.name())) {
                throw new Hopeless("--" + spec.name() + "=" + flags.text(spec.name())
                        + " is not served by this version, leave it at its default "
                        + GoSyntax.quote(spec.fallback()));
            }
        }
        if (flags.durationNanos("experimental-corrupt-check-time") < 0) {
            throw new Hopeless("--experimental-corrupt-check-time=" + flags.text("experimental-corrupt-check-time")
                    + " is negative, expected 0s (never) or more");
        }
        limited("max-txn-ops", Integer.MAX_VALUE);
        limited("max-request-bytes", MAX_REQUEST_BYTES);
    }

    private void limited(String name, long most) throws Hopeless {
        if (Long.compareUnsigned(flags.number(name), most) > 0) {
            throw new Hopeless("--" + name + "=" + flags.text(name) + " is too large, expected at most " + most);
        }
    }

    private static Contradicted contradiction(String message) {
        return new Contradicted(message, null);
    }

    private static boolean isAddressLiteral(String host) {
        try {
            return !host.isEmpty() && java.net.InetAddress.ofLiteral(host) != null;
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    // ---- the result ----

    private Config config() throws Hopeless {
        var name = flags.text("name");
        var advertisePeer = flags.urls("initial-advertise-peer-urls");
        var initialCluster = flags.text("initial-cluster");
        var dataDir = flags.text("data-dir");
        var walDir = flags.text("wal-dir");
        var tickAdvance = flags.bool("initial-election-tick-advance") ? TickAdvance.FAST_FORWARD : TickAdvance.WAIT;
        if (dataDir.isEmpty()) {
            dataDir = name + ".etcd";
            notes.add(new Note(
                    Weight.WARNING,
                    "etcdmain",
                    "no data-dir provided, using default data-dir ./" + dataDir,
                    Moment.STARTING));
        }
        var config = new Config(
                name,
                dataDir,
                walDir.isEmpty() ? null : walDir,
                new Addresses(
                        flags.urls("listen-peer-urls"),
                        flags.urls("listen-client-urls"),
                        flags.urls("listen-metrics-urls"),
                        advertisePeer,
                        flags.urls("advertise-client-urls")),
                new Bootstrap(initialCluster, flags.text("initial-cluster-token")),
                clustering(),
                new Config.Raft(
                        flags.number("heartbeat-interval"),
                        flags.number("election-timeout"),
                        tickAdvance,
                        flags.number("snapshot-count"),
                        flags.number("max-snapshots"),
                        flags.number("max-wals")),
                new Limits(
                        flags.number("quota-backend-bytes"),
                        Math.toIntExact(flags.number("max-txn-ops")),
                        Math.toIntExact(flags.number("max-request-bytes"))),
                new KeepAlive(
                        flags.durationNanos("grpc-keepalive-min-time"),
                        flags.durationNanos("grpc-keepalive-interval"),
                        flags.durationNanos("grpc-keepalive-timeout")),
                new Logging(
                        flags.bool("debug") ? Verbosity.DEBUG : Verbosity.INFO,
                        flags.text("log-package-levels"),
                        output(flags.text("log-output"))),
                flags.text("metrics").equals("extensive") ? MetricsDetail.EXTENSIVE : MetricsDetail.BASIC,
                security(),
                new Config.Web(GoSyntax.set(flags.text("cors")), GoSyntax.set(flags.text("host-whitelist"))),
                retention(),
                flags.bool("online-defrag") ? FreeSpace.GIVEN_BACK : FreeSpace.KEPT,
                flags.bool("enable-pprof") || flags.bool("debug") ? Profiling.SERVED : Profiling.NONE);
        return DetectedHost.fillIn(config, notes);
    }

    private Config.Security security() {
        return new Config.Security(
                tls("", "client-"),
                tls("peer-", "peer-"),
                flags.text("peer-cert-allowed-cn"),
                flags.bool("experimental-peer-skip-client-san-verification")
                        ? PeerAddress.ANY
                        : PeerAddress.MUST_BE_NAMED,
                GoSyntax.list(flags.text("cipher-suites")),
                flags.text("auth-token"),
                flags.number("auth-token-ttl"));
    }

    private Config.Tls tls(String side, String revocationSide) {
        return new Config.Tls(
                flags.text(side + "cert-file"),
                flags.text(side + "key-file"),
                flags.text(side + "ca-file"),
                flags.text(side + "trusted-ca-file"),
                flags.text(revocationSide + "crl-file"),
                flags.bool(side + "client-cert-auth"),
                flags.bool(side + "auto-tls"));
    }

    private Clustering clustering() {
        return new Clustering(
                flags.text("initial-cluster-state").equals(EXISTING) ? Beginning.JOIN : Beginning.FOUND,
                flags.bool("force-new-cluster") ? Restart.ALONE : Restart.AS_MEMBER,
                flags.bool("strict-reconfig-check") ? Caution.STRICT : Caution.NONE,
                flags.bool("pre-vote"),
                flags.bool("experimental-initial-corrupt-check"),
                flags.durationNanos("experimental-corrupt-check-time"));
    }

    private static Output output(String text) throws Hopeless {
        return switch (text) {
            case "default" -> Output.DEFAULT;
            case "stdout" -> Output.STDOUT;
            case "stderr" -> Output.STDERR;
            default ->
                throw new Hopeless(
                        "embed",
                        "unknown log-output " + GoSyntax.quote(text)
                                + " (only supports \"default\", \"stdout\", \"stderr\")",
                        EXIT_PANIC);
        };
    }
}
