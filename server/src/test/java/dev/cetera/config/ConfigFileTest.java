package dev.cetera.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.config.CommandLine.Note;
import dev.cetera.config.CommandLine.Outcome;
import dev.cetera.config.CommandLine.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFileTest {
    @TempDir
    private Path dir;

    private Outcome read(String text, String... more) throws IOException {
        var file = Files.writeString(dir.resolve("c.yml"), text);
        var args = new java.util.ArrayList<>(List.of("--config-file", file.toString()));
        args.addAll(List.of(more));
        return CommandLine.read(args, Map.of("ETCD_NAME", "from-the-environment"));
    }

    private Config config(String text, String... more) throws IOException {
        var outcome = read(text, more);
        assertThat(outcome).isInstanceOf(Outcome.Run.class);
        return ((Outcome.Run) outcome).config();
    }

    private static Path sample() {
        var root = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(root.resolve("cetera.conf.yml"))) {
            root = Objects.requireNonNull(root.getParent(), "not in the repository");
        }
        return root.resolve("cetera.conf.yml");
    }

    @Test
    void theSampleSaysWhatTheDefaultsAre() {
        var file = (Outcome.Run) CommandLine.read(List.of("--config-file", sample().toString()), Map.of());
        var flags = (Outcome.Run) CommandLine.read(List.of(), Map.of());
        assertThat(file.config()).isEqualTo(flags.config());
        assertThat(file.notes())
                .extracting(Note::weight, Note::text)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                Weight.INFO, "Loading server configuration from \"" + sample() + "\""),
                        org.assertj.core.groups.Tuple.tuple(
                                Weight.WARNING, "no data-dir provided, using default data-dir ./default.etcd"));
    }

    @Test
    void theSampleHasEveryKey() throws IOException {
        var lines = Files.readAllLines(sample());
        for (var spec : ServerFlags.all()) {
            if (spec.kind() == FlagSpec.Kind.RETIRED
                    || List.of("version", "config-file").contains(spec.name())) {
                continue;
            }
            var key = spec.name() + ":";
            var inSection = spec.name().replaceFirst("^peer-", "") + ":";
            assertThat(lines)
                    .as(spec.name())
                    .anyMatch(line -> line.startsWith(key) || line.startsWith("  " + inSection));
        }
    }

    @Test
    void aFileBeatsFlagsAndVariables() throws IOException {
        var config = config("data-dir: d\n", "--name=flag", "--debug");
        assertThat(config.name()).isEqualTo("default");
        assertThat(config.logging().verbosity()).isEqualTo(Config.Verbosity.INFO);
    }

    @Test
    void jsonIsReadToo() throws IOException {
        var config = config("{\"name\": \"s1\", \"debug\": true, \"snapshot-count\": 7}");
        assertThat(config.name()).isEqualTo("s1");
        assertThat(config.logging().verbosity()).isEqualTo(Config.Verbosity.DEBUG);
        assertThat(config.raft().snapshotCount()).isEqualTo(7);
        assertThat(config.bootstrap().initialCluster()).isEqualTo("s1=http://localhost:2380");
    }

    @Test
    void wordsMeanWhatTheyDoInOldYaml() throws IOException {
        var config = config("debug: yes\nstrict-reconfig-check: off\nmax-wals: 0x10\nmax-snapshots: 010\nname: ~\n");
        assertThat(config.profiling()).isEqualTo(Config.Profiling.SERVED);
        assertThat(config.clustering().caution()).isEqualTo(Clustering.Caution.NONE);
        assertThat(config.raft().maxWalFiles()).isEqualTo(16);
        assertThat(config.raft().maxSnapshotFiles()).isEqualTo(8);
        assertThat(config.name()).isEqualTo("default");
    }

    @Test
    void theLastOfTwoEqualKeysCountsInAnyCase() throws IOException {
        assertThat(config("name: a\nname: b\n").name()).isEqualTo("b");
        assertThat(config("Name: a\n").name()).isEqualTo("a");
        assertThat(config("").name()).isEqualTo("default");
    }

    @Test
    void spansAreNanosecondsAndUrlsOneString() throws IOException {
        var config = config("""
                grpc-keepalive-min-time: 1000
                experimental-corrupt-check-time: 5000000000
                listen-client-urls: http://127.0.0.1:3,http://127.0.0.1:1
                listen-metrics-urls: http://127.0.0.1:9
                """);
        assertThat(config.keepAlive().minTimeNanos()).isEqualTo(1000);
        assertThat(config.clustering().checkIntervalNanos()).isEqualTo(5_000_000_000L);
        // Unlike the flag, the key alone is enough.
        assertThat(config.addresses().listenClient()).hasToString("[http://127.0.0.1:1, http://127.0.0.1:3]");
        assertThat(config.addresses().advertiseClient()).hasToString("[http://localhost:2379]");
        assertThat(config.addresses().listenMetrics()).hasToString("[http://127.0.0.1:9]");
    }

    @Test
    void connectionsAreGuardedByTwoSections() throws Exception {
        var flags = new Flags(ServerFlags.all());
        var strange = ConfigFile.read("""
                        client-transport-security:
                          cert-file: c.pem
                          client-cert-auth: true
                          crl: x
                        peer-transport-security:
                          Key-File: k.pem
                          auto-tls: true
                        peer-crl-file: r.pem
                        cipher-suites: [A, B]
                        cert-file: ignored
                        """, flags);
        assertThat(flags.text("cert-file")).isEqualTo("c.pem");
        assertThat(flags.bool("client-cert-auth")).isTrue();
        assertThat(flags.text("peer-key-file")).isEqualTo("k.pem");
        assertThat(flags.bool("peer-auto-tls")).isTrue();
        assertThat(flags.text("peer-cert-file")).isEmpty();
        assertThat(flags.text("peer-crl-file")).isEqualTo("r.pem");
        assertThat(flags.text("cipher-suites")).isEqualTo("A,B");
        assertThat(strange).containsExactly("cert-file", "client-transport-security.crl");
    }

    @Test
    void unknownKeysAreSaidAndIgnored() throws IOException {
        var run = (Outcome.Run) read("data-dir: d\nnosuch: 1\n");
        assertThat(run.notes()).extracting(Note::text).anyMatch(text -> text.startsWith("unknown key \"nosuch\" in "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name: 123 | number into Go struct field configYAML.name of type string",
                "name: yes | bool into Go struct field configYAML.name of type string",
                "name: {a: b} | object into Go struct field configYAML.name of type string",
                "name: [] | array into Go struct field configYAML.name of type string",
                "NAME: 5 | number into Go struct field configYAML.name of type string",
                "debug: \"true\" | string into Go struct field configYAML.debug of type bool",
                "enable-v2: off\\ndebug: 1 | number into Go struct field configYAML.debug of type bool",
                "heartbeat-interval: 1.5 | number 1.5 into Go struct field configYAML.heartbeat-interval of type uint",
                "heartbeat-interval: -1 | number -1 into Go struct field configYAML.heartbeat-interval of type uint",
                "heartbeat-interval: \"5\" | string into Go struct field configYAML.heartbeat-interval of type uint",
                "heartbeat-interval: 99999999999999999999 | number 100000000000000000000 into Go struct field "
                        + "configYAML.heartbeat-interval of type uint",
                "snapshot-count: -5 | number -5 into Go struct field configYAML.snapshot-count of type uint64",
                "quota-backend-bytes: 1e9 | string into Go struct field configYAML.quota-backend-bytes of type int64",
                "grpc-keepalive-min-time: 5s | string into Go struct field configYAML.grpc-keepalive-min-time of type "
                        + "time.Duration",
                "auto-compaction-retention: 24 | number into Go struct field configYAML.auto-compaction-retention of "
                        + "type string",
                "cipher-suites: foo | string into Go struct field configYAML.cipher-suites of type []string",
                "cipher-suites: [1] | number into Go struct field configYAML.cipher-suites of type string",
                "client-transport-security: 5 | number into Go struct field configYAML.client-transport-security of "
                        + "type embed.securityConfig",
                "client-transport-security: {cert-file: 5} | number into Go struct field "
                        + "securityConfig.client-transport-security.cert-file of type string",
                "proxy-failure-wait: x | string into Go struct field configProxy.proxy-failure-wait of type uint",
                "- a | array into Go value of type embed.configYAML",
                "foo | string into Go value of type embed.configYAML"
            })
    void aWrongTypeIsWordedAsByGo(String text, String what) throws IOException {
        assertThat(read(text.replace("\\n", "\n"))).isInstanceOfSatisfying(Outcome.Contradiction.class, bad -> {
            assertThat(bad.message())
                    .isEqualTo("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " + what);
            assertThat(bad.notes()).hasSize(1);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a: [ | line 2", "name: \"x | line 2", "a: b\\n c: d | line 2", "a: b: c | line 1"})
    void whatIsNoYamlIsRefusedWithItsLine(String text, String line) throws IOException {
        assertThat(read(text.replace("\\n", "\n") + "\n"))
                .isInstanceOfSatisfying(
                        Outcome.Contradiction.class,
                        bad -> assertThat(bad.message())
                                .startsWith("error converting YAML to JSON: yaml: " + line + ": "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen-peer-urls: foo | embed | unexpected error setting up listen-peer-urls: URL scheme must be http, "
                        + "https, unix, or unixs: foo | 1",
                "advertise-client-urls: foo | embed | unexpected error setting up advertise-peer-urls: URL scheme must "
                        + "be http, https, unix, or unixs: foo | 1",
                "proxy: foo | etcdmain | unexpected error setting up proxyFlag: invalid value | 2",
                "proxy: off | etcdmain | unexpected error setting up proxyFlag: invalid value | 2",
                "discovery-fallback: foo | etcdmain | unexpected error setting up discovery-fallback flag: invalid "
                        + "value | 2",
                "log-output: foo | embed | unknown log-output \"foo\" (only supports \"default\", \"stdout\", "
                        + "\"stderr\") | 2",
                "auto-compaction-retention: \"24h\" | etcdmain | unsupported compaction mode | 1"
            })
    void someValuesEndTheProgramOnTheSpot(String text, String source, String message, int code) throws IOException {
        assertThat(read(text)).isInstanceOfSatisfying(Outcome.Fatal.class, fatal -> {
            assertThat(fatal.source()).isEqualTo(source);
            assertThat(fatal.message().strip()).isEqualTo(message);
            assertThat(fatal.code()).isEqualTo(code);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "initial-cluster-state: foo | unexpected clusterState \"foo\"",
                "auto-compaction-mode: foo | unknown auto-compaction-mode \"foo\"",
                "discovery-srv: x\\ninitial-cluster: a=http://b:1 | multiple discovery or bootstrap flags are set. "
                        + "Choose one of \"initial-cluster\", \"discovery\" or \"discovery-srv\"",
                "listen-peer-urls: http://a:1 | expected IP in URL for binding (http://a:1)",
                "heartbeat-interval: 0 | --heartbeat-interval must be >0 (set to 0ms)"
            })
    void theChecksAreThoseOfTheFlags(String text, String message) throws IOException {
        assertThat(read(text.replace("\\n", "\n")))
                .isInstanceOfSatisfying(
                        Outcome.Contradiction.class,
                        bad -> assertThat(bad.message()).isEqualTo(message));
    }

    @Test
    void aNumberWithoutAModeKeepsAllHistory() throws IOException {
        assertThat(config("auto-compaction-retention: \"24\"\n").retention()).isEqualTo(Retention.ALL);
        assertThat(config("auto-compaction-retention: \"24\"\nauto-compaction-mode: revision\n")
                        .retention())
                .isEqualTo(new Retention.Revisions(24));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThat(CommandLine.read(List.of("--config-file", "nosuch.yml"), Map.of()))
                .isInstanceOfSatisfying(
                        Outcome.Contradiction.class,
                        bad -> assertThat(bad.message()).isEqualTo("open nosuch.yml: no such file or directory"));
        assertThat(CommandLine.read(List.of("--config-file", "a\0b"), Map.of()))
                .isInstanceOf(Outcome.Contradiction.class);
        assertThat(CommandLine.read(List.of("--config-file", dir.toString()), Map.of()))
                .isInstanceOfSatisfying(
                        Outcome.Contradiction.class,
                        bad -> assertThat(bad.message()).isEqualTo("read " + dir + ": is a directory"));
    }
}
