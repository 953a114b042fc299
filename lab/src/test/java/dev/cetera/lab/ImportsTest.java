package dev.cetera.lab;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Which package may know which. Between modules Maven holds the direction; this holds it inside of them.
class ImportsTest {
    /// To every package of the server side, all that it may name of ours. A name with a capital allows that
    /// class alone, a package allows what lies below it too.
    private static final Map<String, Set<String>> MAY_KNOW = Map.ofEntries(
            entry("raft", Set.of()),
            entry("api", Set.of()),
            entry("testkit", Set.of()),
            entry("disk", Set.of()),
            entry("bolt", Set.of("disk")),
            entry("client", Set.of("api")),
            entry(
                    "ctl",
                    Set.of(
                            "api", "bolt", "client", "cluster", "disk", "entry", "raft", "raftpb", "schema", "snap",
                            "v2", "wal")),
            entry("raftpb", Set.of("raft")),
            entry("wal", Set.of("disk", "raft", "raftpb")),
            entry("snap", Set.of("disk", "raft", "raftpb")),
            entry("schema", Set.of("bolt", "disk")),
            entry("mvcc", Set.of("api.Refusal", "bolt", "disk", "schema")),
            entry("watch", Set.of("mvcc", "schema")),
            entry("lease", Set.of("api")),
            entry("auth", Set.of("api")),
            entry("entry", Set.of("api")),
            entry("v2", Set.of("api")),
            entry("cluster", Set.of("api", "raft", "v2")),
            entry(
                    "apply",
                    Set.of(
                            "api", "auth", "cluster", "disk", "entry", "lease", "mvcc", "raft", "raftpb", "schema",
                            "v2")),
            entry("token", Set.of("auth.Sessions", "tls.PrivateKeys")),
            entry("config", Set.of()),
            entry("compactor", Set.of("config")),
            entry("logs", Set.of()),
            entry("metrics", Set.of("config.Release")),
            entry("tls", Set.of("config.Config", "logs")),
            entry(
                    "node",
                    Set.of(
                            "api",
                            "apply",
                            "auth",
                            "bolt.Shrinking",
                            "cluster",
                            "compactor",
                            "config.Clustering",
                            "config.Config",
                            "config.GoDuration",
                            "config.Release",
                            "config.Retention",
                            "disk",
                            "entry",
                            "lease",
                            "logs",
                            "metrics.Metrics",
                            "mvcc",
                            "raft",
                            "raftpb",
                            "schema",
                            "snap",
                            "token",
                            "v2",
                            "wal")),
            entry(
                    "rpc",
                    Set.of(
                            "api",
                            "config.Release",
                            "logs",
                            "metrics",
                            "mvcc.Changes",
                            "mvcc.Feed",
                            "mvcc.Store",
                            "node.Answer",
                            "node.Caller",
                            "node.LongAnswer",
                            "node.Node",
                            "node.RangeAnswer",
                            "node.Rest",
                            "node.SnapshotSource",
                            "node.Time",
                            "schema.KeyValue",
                            "watch")),
            entry(
                    "http",
                    Set.of(
                            "api",
                            "cluster.Member",
                            "config",
                            "logs",
                            "metrics",
                            "node.Answer",
                            "node.Node",
                            "node.Round",
                            "rpc.Outlet",
                            "tls")),
            entry(
                    "peer",
                    Set.of(
                            "api",
                            "cluster",
                            "config.Release",
                            "http.Transport",
                            "logs",
                            "metrics",
                            "node.Inbound",
                            "node.Link",
                            "node.OutgoingSnapshot",
                            "node.PeerException",
                            "node.Peers",
                            "node.SnapshotSource",
                            "node.Time",
                            "raft",
                            "raftpb",
                            "tls")),
            entry("gateway", Set.of("api", "rpc.LocalCalls")),
            entry("concurrency", Set.of("api", "rpc.LocalCalls")),
            entry("rehearsal", Set.of("api")),
            entry(
                    "embed",
                    Set.of(
                            "bolt.Shrinking",
                            "concurrency",
                            "config",
                            "disk",
                            "gateway",
                            "http",
                            "logs",
                            "metrics",
                            "mvcc",
                            "node",
                            "peer",
                            "rpc",
                            "tls",
                            "token",
                            "watch")));

    private static final Pattern NAMED = Pattern.compile("\\bdev\\.cetera\\.([a-z0-9]+(?:\\.\\w+)*)");

    @Test
    void everyPackageKnowsOnlyWhatItMay() throws IOException {
        var strays = new TreeSet<String>();
        var seen = new TreeSet<String>();
        for (var file : sources()) {
            var path = file.toString().replace('\\', '/');
            var own = path.substring(path.indexOf("/dev/cetera/") + "/dev/cetera/".length());
            var name = own.substring(0, own.indexOf('/'));
            if (name.equals("lab")) {
                continue; // the laboratory looks at everything
            }
            seen.add(name);
            var allowed = MAY_KNOW.getOrDefault(name, Set.of());
            var named = NAMED.matcher(withoutComments(Files.readString(file)));
            while (named.find()) {
                var other = named.group(1);
                boolean itself = other.equals(name) || other.startsWith(name + ".");
                if (!itself && allowed.stream().noneMatch(may -> (other + ".").startsWith(may + "."))) {
                    strays.add(own + " knows " + other);
                }
            }
        }
        assertThat(strays).isEmpty();
        assertThat(seen).isEqualTo(new TreeSet<>(MAY_KNOW.keySet()));
    }

    private static String withoutComments(String source) {
        return source.replaceAll("(?m)^\\s*//.*$", "");
    }

    private static List<Path> sources() throws IOException {
        var root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("raft"))) {
            root = Objects.requireNonNull(root.getParent(), "not in the repository");
        }
        var found = new ArrayList<Path>();
        try (var modules = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (var module : modules) {
                var sources = module.resolve("src/main/java/dev/cetera");
                if (Files.isDirectory(sources)) {
                    try (var files = Files.walk(sources)) {
                        files.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
                    }
                }
            }
        }
        assertThat(found).hasSizeGreaterThan(200);
        return found;
    }
}
