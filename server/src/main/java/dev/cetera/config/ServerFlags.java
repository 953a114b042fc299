package dev.cetera.config;

import static dev.cetera.config.FlagSpec.Kind.BOOL;
import static dev.cetera.config.FlagSpec.Kind.CHOICE;
import static dev.cetera.config.FlagSpec.Kind.DURATION;
import static dev.cetera.config.FlagSpec.Kind.INT64;
import static dev.cetera.config.FlagSpec.Kind.RETIRED;
import static dev.cetera.config.FlagSpec.Kind.STRING;
import static dev.cetera.config.FlagSpec.Kind.UINT;
import static dev.cetera.config.FlagSpec.Kind.URLS;
import static dev.cetera.config.FlagSpec.Serving.REFUSED;
import static dev.cetera.config.FlagSpec.Serving.SERVED;

import dev.cetera.config.FlagSpec.Kind;
import dev.cetera.config.FlagSpec.Serving;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The table of etcd 3.3's flags: names, types, defaults, and what this version serves of them.
final class ServerFlags {
    static final String DEFAULT_INITIAL_CLUSTER = "default=http://localhost:2380";
    static final String DEFAULT_PEER_URL = "http://localhost:2380";
    static final String DEFAULT_CLIENT_URL = "http://localhost:2379";

    static final String USAGE = """
            usage: cetera [flags]
                   runs one member of a cluster, or a cluster of one

                   cetera --version
                   says which release it is

                   cetera -h | --help
                   explains the flags

                   cetera --config-file PATH
                   reads all settings from a file in YAML or JSON, and nothing else
            """;

    /// What stands above a group of flags beside its title.
    private static final Map<String, String> REMARKS = Map.of(
            "proxy",
            "Proxies are a part of the v2 API.\n",
            "unsafe",
            "What stands here gives up guarantees of consensus; know what you do.\n");

    private static final Map<String, List<FlagSpec>> GROUPS = groups();

    private ServerFlags() {}

    static List<FlagSpec> all() {
        return GROUPS.values().stream().flatMap(List::stream).toList();
    }

    /// What `--help` prints on standard output.
    static String help() {
        var out = new StringBuilder();
        GROUPS.forEach((title, flags) -> {
            if (title.isEmpty()) {
                return; // accepted, not advertised; or explained by the usage
            }
            out.append(title).append(" flags:\n\n");
            if (REMARKS.containsKey(title)) {
                out.append(REMARKS.get(title)).append('\n');
            }
            flags.forEach(flag -> help(flag, out));
            out.append('\n');
        });
        return out.toString();
    }

    private static void help(FlagSpec flag, StringBuilder out) {
        var fallback = flag.name().equals("data-dir") ? "${name}.etcd" : flag.fallback();
        out.append("\t--").append(flag.name()).append(" '").append(fallback).append('\'');
        out.append(flag.name().endsWith("ca-file") && !flag.name().contains("trusted") ? " [DEPRECATED]\n" : "\n");
        out.append("\t\t").append(flag.help());
        if (!flag.choices().isEmpty()) {
            out.append(" ('").append(String.join("', '", flag.choices())).append("').");
        }
        out.append(flag.serving() == REFUSED ? "\n\t\tNot served by this version.\n" : "\n");
    }

    private static Map<String, List<FlagSpec>> groups() {
        var groups = new LinkedHashMap<String, List<FlagSpec>>();
        groups.put("member", member());
        groups.put("clustering", clustering());
        groups.put("proxy", proxy());
        groups.put("security", security());
        groups.put("logging", logging());
        groups.put("unsafe", unsafe());
        groups.put("profiling", profiling());
        groups.put("auth", auth());
        groups.put("experimental", experimental());
        groups.put("", silent());
        return groups;
    }

    /// What the usage explains, and what old releases had.
    private static List<FlagSpec> silent() {
        var silent = new ArrayList<FlagSpec>();
        silent.add(flag("config-file", STRING, "", SERVED, "Configuration file that replaces all flags."));
        silent.add(flag("version", BOOL, "false", SERVED, "Print the release and exit."));
        for (var name : List.of(
                "cluster-active-size",
                "cluster-remove-delay",
                "cluster-sync-interval",
                "config",
                "force",
                "max-result-buffer",
                "max-retry-attempts",
                "peer-heartbeat-interval",
                "peer-election-timeout",
                "retry-interval",
                "snapshot",
                "v",
                "vv",
                "test.coverprofile",
                "test.outputdir")) {
            silent.add(flag(name, RETIRED, "", SERVED, "No longer does anything."));
        }
        return List.copyOf(silent);
    }

    private static List<FlagSpec> member() {
        return List.of(
                flag("name", STRING, "default", SERVED, "Name of this member, unique in its cluster."),
                flag("data-dir", STRING, "", SERVED, "Where the member lives; <name>.etcd when empty."),
                flag("wal-dir", STRING, "", SERVED, "Another directory for the log alone."),
                flag("snapshot-count", UINT, "100000", SERVED, "Applied entries between two snapshots."),
                flag("heartbeat-interval", UINT, "100", SERVED, "Milliseconds between a leader's heartbeats."),
                flag("election-timeout", UINT, "1000", SERVED, "Milliseconds without leader before an election."),
                flag("pre-vote", BOOL, "false", SERVED, "Ask for votes before disturbing a leader (of etcd 3.4)."),
                flag("initial-election-tick-advance", BOOL, "true", SERVED, "Shorten the first election timeout."),
                flag("listen-peer-urls", URLS, DEFAULT_PEER_URL, SERVED, "Addresses for other members."),
                flag("listen-client-urls", URLS, DEFAULT_CLIENT_URL, SERVED, "Addresses for clients."),
                flag("max-snapshots", UINT, "5", SERVED, "Snapshot files to keep; 0 keeps all."),
                flag("max-wals", UINT, "5", SERVED, "Log files to keep; 0 keeps all."),
                flag("cors", STRING, "", SERVED, "Origins that browsers may come from."),
                flag("host-whitelist", STRING, "*", SERVED, "Names to be called by without TLS (of etcd 3.4)."),
                flag("quota-backend-bytes", INT64, "0", SERVED, "Backend size that stops writes; 0 is 2 GiB."),
                flag("online-defrag", BOOL, "true", SERVED, "Give free space of the backend back while serving."),
                flag("max-txn-ops", UINT, "128", SERVED, "Operations in one branch of a transaction."),
                flag("max-request-bytes", UINT, "1572864", SERVED, "Largest proposal."),
                flag("grpc-keepalive-min-time", DURATION, "5s", SERVED, "Shortest interval of client pings."),
                flag("grpc-keepalive-interval", DURATION, "2h0m0s", SERVED, "Interval of server pings; 0 for none."),
                flag("grpc-keepalive-timeout", DURATION, "20s", SERVED, "Wait for a ping's answer; 0 for none."));
    }

    private static List<FlagSpec> clustering() {
        return List.of(
                flag("initial-advertise-peer-urls", URLS, DEFAULT_PEER_URL, SERVED, "Own addresses told to members."),
                flag("advertise-client-urls", URLS, DEFAULT_CLIENT_URL, SERVED, "Own addresses told to clients."),
                flag("initial-cluster", STRING, DEFAULT_INITIAL_CLUSTER, SERVED, "name=url of every first member."),
                choice("initial-cluster-state", "new", SERVED, "Found a cluster or join one", "new", "existing"),
                flag("initial-cluster-token", STRING, "etcd-cluster", SERVED, "Makes the cluster's id unique."),
                flag("discovery", STRING, "", REFUSED, "URL of a discovery service."),
                choice("discovery-fallback", "proxy", SERVED, "When discovery finds a full cluster", "proxy", "exit"),
                flag("discovery-proxy", STRING, "", SERVED, "HTTP proxy on the way to the discovery service."),
                flag("discovery-srv", STRING, "", REFUSED, "DNS domain of the cluster."),
                flag("strict-reconfig-check", BOOL, "true", SERVED, "Refuse member changes that lose the quorum."),
                flag("enable-v2", BOOL, "true", SERVED, "Serve the v2 API (not part of this version)."),
                flag(
                        "auto-compaction-retention",
                        STRING,
                        "0",
                        SERVED,
                        "History to keep, 24 (hours), 90m or (revisions) 1000; 0 keeps all."),
                flag(
                        "auto-compaction-mode",
                        STRING,
                        "periodic",
                        SERVED,
                        "What is kept: periodic a time, revision a number."));
    }

    private static List<FlagSpec> proxy() {
        return List.of(
                choice("proxy", "off", REFUSED, "Run the v2 proxy", "off", "readonly", "on"),
                flag("proxy-failure-wait", UINT, "5000", SERVED, "Milliseconds a failed endpoint is left alone."),
                flag("proxy-refresh-interval", UINT, "30000", SERVED, "Milliseconds between endpoint refreshes."),
                flag("proxy-dial-timeout", UINT, "1000", SERVED, "Milliseconds to connect."),
                flag("proxy-write-timeout", UINT, "5000", SERVED, "Milliseconds to write."),
                flag("proxy-read-timeout", UINT, "0", SERVED, "Milliseconds to read."));
    }

    private static List<FlagSpec> security() {
        var flags = new ArrayList<FlagSpec>();
        for (var side : List.of("", "peer-")) {
            var who = side.isEmpty() ? "clients" : "members";
            flags.add(flag(side + "ca-file", STRING, "", SERVED, "Old name of the trusted CA for " + who + "."));
            flags.add(flag(side + "cert-file", STRING, "", SERVED, "TLS certificate towards " + who + "."));
            flags.add(flag(side + "key-file", STRING, "", SERVED, "TLS key towards " + who + "."));
            flags.add(flag(side + "client-cert-auth", BOOL, "false", SERVED, "Demand certificates of " + who + "."));
            flags.add(flag(side + "trusted-ca-file", STRING, "", SERVED, "Trusted CA for " + who + "."));
            flags.add(flag(side + "auto-tls", BOOL, "false", SERVED, "Make a certificate towards " + who + "."));
        }
        flags.add(flag("client-crl-file", STRING, "", SERVED, "Revoked certificates of clients."));
        flags.add(flag("peer-crl-file", STRING, "", SERVED, "Revoked certificates of members."));
        flags.add(flag("peer-cert-allowed-cn", STRING, "", SERVED, "The one name that members may have."));
        flags.add(flag("experimental-peer-skip-client-san-verification", BOOL, "false", SERVED, "Skip the SAN check."));
        flags.add(flag("cipher-suites", STRING, "", SERVED, "TLS cipher suites."));
        return List.copyOf(flags);
    }

    private static List<FlagSpec> auth() {
        return List.of(
                flag("auth-token", STRING, "simple", SERVED, "Kind of authentication token."),
                flag("auth-token-ttl", UINT, "300", SERVED, "Seconds that a token lives."));
    }

    private static List<FlagSpec> logging() {
        return List.of(
                flag("debug", BOOL, "false", SERVED, "Log more, and serve profiles under /debug/pprof/."),
                flag("log-package-levels", STRING, "", SERVED, "Level by package: etcdserver=WARNING,etcdmain=DEBUG."),
                flag("log-output", STRING, "default", SERVED, "default, stdout or stderr."));
    }

    private static List<FlagSpec> unsafe() {
        return List.of(flag("force-new-cluster", BOOL, "false", SERVED, "Restart as a cluster of one."));
    }

    private static List<FlagSpec> profiling() {
        return List.of(
                flag("enable-pprof", BOOL, "false", SERVED, "Serve profiles under /debug/pprof/ of the client URLs."),
                flag("metrics", STRING, "basic", SERVED, "basic, or extensive with durations of RPCs."),
                flag("listen-metrics-urls", STRING, "", SERVED, "Further addresses for /metrics and /health."));
    }

    private static List<FlagSpec> experimental() {
        return List.of(
                flag("experimental-initial-corrupt-check", BOOL, "false", SERVED, "Compare with others at the start."),
                flag(
                        "experimental-corrupt-check-time",
                        DURATION,
                        "0s",
                        SERVED,
                        "Compare with others so often; 0s never."),
                flag("experimental-enable-v2v3", STRING, "", REFUSED, "Serve v2 on the v3 store."));
    }

    private static FlagSpec flag(String name, Kind kind, String fallback, Serving serving, String help) {
        return new FlagSpec(name, kind, fallback, List.of(), serving, help);
    }

    private static FlagSpec choice(String name, String fallback, Serving serving, String help, String... choices) {
        return new FlagSpec(name, CHOICE, fallback, List.of(choices), serving, help);
    }
}
