package dev.cetera.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.metrics.Metrics.Detail;
import io.grpc.MethodDescriptor.MethodType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    /// Of Go's allocator; a JVM has nothing like it.
    private static final Set<String> GOS_OWN = Set.of(
            "go_memstats_buck_hash_sys_bytes",
            "go_memstats_frees_total",
            "go_memstats_gc_cpu_fraction",
            "go_memstats_gc_sys_bytes",
            "go_memstats_heap_objects",
            "go_memstats_heap_released_bytes",
            "go_memstats_last_gc_time_seconds",
            "go_memstats_lookups_total",
            "go_memstats_mallocs_total",
            "go_memstats_mcache_inuse_bytes",
            "go_memstats_mcache_sys_bytes",
            "go_memstats_mspan_inuse_bytes",
            "go_memstats_mspan_sys_bytes",
            "go_memstats_next_gc_bytes",
            "go_memstats_other_sys_bytes",
            "go_memstats_stack_inuse_bytes",
            "go_memstats_stack_sys_bytes");

    /// The text form, read back.
    private static final class Shown {
        final Map<String, String> types = new HashMap<>();
        final Map<String, Set<String>> labels = new HashMap<>();
        final Map<String, Set<String>> bounds = new HashMap<>();
        final Map<String, Double> values = new HashMap<>();

        Shown(String text) {
            for (var line : text.lines().toList()) {
                if (line.startsWith("# TYPE ")) {
                    var words = line.split(" ", -1);
                    types.put(words[2], words[3]);
                } else if (!line.startsWith("#")) {
                    sample(line);
                }
            }
        }

        private void sample(String line) {
            var sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            var family = sample.group(1);
            for (var end : List.of("_bucket", "_sum", "_count")) {
                var shorter = family.endsWith(end) ? family.substring(0, family.length() - end.length()) : "";
                family = types.containsKey(shorter) ? shorter : family;
            }
            assertThat(types).as(line).containsKey(family);
            values.put(line.substring(0, line.lastIndexOf(' ')), Double.parseDouble(sample.group(3)));
            var label = LABEL.matcher(Objects.requireNonNullElse(sample.group(2), ""));
            while (label.find()) {
                if (label.group(1).equals("le")) {
                    bounds.computeIfAbsent(family, _ -> new LinkedHashSet<>()).add(label.group(2));
                } else {
                    labels.computeIfAbsent(family, _ -> new TreeSet<>()).add(label.group(1));
                }
            }
        }

        String buckets(String family) {
            var all = new ArrayList<>(bounds.getOrDefault(family, Set.of()));
            return all.isEmpty() ? "-" : all.getFirst() + "x" + (all.size() - 1);
        }
    }

    private static Shown shown(Metrics metrics) {
        metrics.server.identify(1);
        metrics.server.clusterVersion(() -> "3.3");
        metrics.grpc.register(KVGrpc.getServiceDescriptor());
        metrics.grpc.request(MethodType.UNARY, "3.4");
        return new Shown(metrics.registry().text());
    }

    private static List<String> etcds() throws IOException {
        try (var list = MetricsTest.class.getResourceAsStream("/etcd-metrics.txt")) {
            return new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    @Test
    void everyFamilyOfEtcdIsThereWithItsTypeLabelsAndBuckets() throws IOException {
        var shown = shown(new Metrics(Detail.WITH_DURATIONS));
        var expected = new TreeSet<String>();
        var found = new TreeSet<String>();
        for (var line : etcds()) {
            var name = line.substring(0, line.indexOf(' '));
            if (GOS_OWN.contains(name)) {
                continue;
            }
            expected.add(line);
            var labels = String.join(",", shown.labels.getOrDefault(name, Set.of("-")));
            found.add(name + " " + shown.types.get(name) + " " + labels + " " + shown.buckets(name));
        }
        assertThat(found).isEqualTo(expected).hasSizeGreaterThan(80);
    }

    @Test
    void familiesOfOtherMembersComeWithThem() {
        var metrics = new Metrics(Detail.BASIC);
        metrics.peers.sent(0xa1, 5);
        metrics.peers.received(0xa1, 7);
        metrics.peers.roundTrip(0xa1, 1_000_000);
        var shown = shown(metrics);
        assertThat(shown.values)
                .containsEntry("etcd_network_peer_sent_bytes_total{To=\"a1\"}", 5.0)
                .containsEntry("etcd_network_peer_received_bytes_total{From=\"a1\"}", 7.0)
                .containsEntry("etcd_network_peer_sent_failures_total{To=\"a1\"}", 0.0)
                .containsEntry("etcd_network_peer_received_failures_total{From=\"a1\"}", 0.0)
                .containsEntry("etcd_network_peer_round_trip_time_seconds_count{To=\"a1\"}", 1.0);
        assertThat(shown.buckets("etcd_network_peer_round_trip_time_seconds")).isEqualTo("0.0001x14");
    }

    @Test
    void durationsOfRequestsAreExtra() {
        assertThat(shown(new Metrics(Detail.BASIC)).types).doesNotContainKey("grpc_server_handling_seconds");
    }

    /// Those that the public dashboard for etcd draws.
    @Test
    void theDashboardHasSomethingToDraw() {
        assertThat(shown(new Metrics(Detail.BASIC)).types)
                .containsKeys(
                        "etcd_server_has_leader",
                        "grpc_server_started_total",
                        "grpc_server_handled_total",
                        "etcd_debugging_mvcc_db_total_size_in_bytes",
                        "etcd_disk_wal_fsync_duration_seconds",
                        "etcd_disk_backend_commit_duration_seconds",
                        "process_resident_memory_bytes",
                        "etcd_network_client_grpc_received_bytes_total",
                        "etcd_network_client_grpc_sent_bytes_total",
                        "etcd_server_proposals_failed_total",
                        "etcd_server_proposals_pending",
                        "etcd_server_proposals_committed_total",
                        "etcd_server_proposals_applied_total",
                        "etcd_server_leader_changes_seen_total",
                        "process_open_fds",
                        "go_goroutines");
    }
}
