package dev.cetera.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.config.CommandLine.Note;
import dev.cetera.config.CommandLine.Outcome;
import dev.cetera.config.CommandLine.Weight;
import dev.cetera.config.Config.MetricsDetail;
import dev.cetera.config.Config.Output;
import dev.cetera.config.Config.Verbosity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommandLineTest {
    private static Outcome read(String... args) {
        return CommandLine.read(List.of(args), Map.of());
    }

    private static Config config(String... args) {
        assertThat(read(args)).isInstanceOf(Outcome.Run.class);
        return ((Outcome.Run) read(args)).config();
    }

    @Test
    void withoutArgumentsEverythingIsEtcdsDefault() {
        var config = config();
        assertThat(config.name()).isEqualTo("default");
        assertThat(config.dataDir()).isEqualTo("default.etcd");
        assertThat(config.walDir()).isNull();
        assertThat(config.addresses().listenClient()).hasToString("[http://localhost:2379]");
        assertThat(config.addresses().listenPeer()).hasToString("[http://localhost:2380]");
        assertThat(config.addresses().listenMetrics()).isEmpty();
        assertThat(config.bootstrap().initialCluster()).isEqualTo("default=http://localhost:2380");
        assertThat(config.bootstrap().token()).isEqualTo("etcd-cluster");
        assertThat(config.raft()).isEqualTo(new Config.Raft(100, 1000, Config.TickAdvance.FAST_FORWARD, 100_000, 5, 5));
        assertThat(config.limits()).isEqualTo(new Config.Limits(0, 128, 1_572_864));
        assertThat(config.keepAlive())
                .isEqualTo(new Config.KeepAlive(5_000_000_000L, 7_200_000_000_000L, 20_000_000_000L));
        assertThat(config.logging()).isEqualTo(new Config.Logging(Verbosity.INFO, "", Output.DEFAULT));
        assertThat(config.metrics()).isEqualTo(MetricsDetail.BASIC);
    }

    @Test
    void oneDashOrTwoAndAValueBehindOrInside() {
        assertThat(config("-name", "a").name()).isEqualTo("a");
        assertThat(config("--name", "a").name()).isEqualTo("a");
        assertThat(config("-name=a").name()).isEqualTo("a");
        assertThat(config("--name=a=b").name()).isEqualTo("a=b");
        assertThat(config("--debug", "--name=a").logging().verbosity()).isEqualTo(Verbosity.DEBUG);
        assertThat(config("--debug=false").logging().verbosity()).isEqualTo(Verbosity.INFO);
        assertThat(config("--snapshot-count=0x10").raft().snapshotCount()).isEqualTo(16);
        assertThat(config("--quota-backend-bytes=-1").limits().quotaBytes()).isEqualTo(-1);
        assertThat(config("--grpc-keepalive-interval=1h30m").keepAlive().intervalNanos())
                .isEqualTo(5_400_000_000_000L);
    }

    @Test
    void aNamedMemberIsItsOwnInitialCluster() {
        var config = config("--name=s1", "--initial-advertise-peer-urls=http://10.0.0.1:1,http://10.0.0.1:2");
        assertThat(config.bootstrap().initialCluster()).isEqualTo("s1=http://10.0.0.1:1,s1=http://10.0.0.1:2");
        assertThat(config.dataDir()).isEqualTo("s1.etcd");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-nosuch | flag provided but not defined: -nosuch",
                "--nosuch=1 | flag provided but not defined: -nosuch",
                "---name=1 | bad flag syntax: ---name=1",
                "--=1 | bad flag syntax: --=1",
                "--name | flag needs an argument: -name",
                "--max-txn-ops=x | invalid value \"x\" for flag -max-txn-ops: parse error",
                "--max-txn-ops=-1 | invalid value \"-1\" for flag -max-txn-ops: parse error",
                "--snapshot-count=99999999999999999999 | invalid value \"99999999999999999999\" for flag "
                        + "-snapshot-count: value out of range",
                "--grpc-keepalive-interval=5 | invalid value \"5\" for flag -grpc-keepalive-interval: parse error",
                "--debug=x | invalid boolean value \"x\" for -debug: parse error",
                "--initial-cluster-state=foo | invalid value \"foo\" for flag -initial-cluster-state: invalid value",
                "--proxy=foo | invalid value \"foo\" for flag -proxy: invalid value",
                "--listen-client-urls=foo | invalid value \"foo\" for flag -listen-client-urls: "
                        + "URL scheme must be http, https, unix, or unixs: foo",
                "--listen-client-urls=http://127.0.0.1 | invalid value \"http://127.0.0.1\" for flag "
                        + "-listen-client-urls: URL address does not have the form \"host:port\": http://127.0.0.1",
                "--listen-client-urls=http://127.0.0.1:1/path | invalid value \"http://127.0.0.1:1/path\" for flag "
                        + "-listen-client-urls: URL must not contain a path: http://127.0.0.1:1/path"
            })
    void anUnreadableFlagIsNamedAsGoNamesIt(String argument, String message) {
        assertThat(read(argument)).isInstanceOfSatisfying(Outcome.Unreadable.class, unreadable -> {
            assertThat(unreadable.message()).isEqualTo(message);
            assertThat(unreadable.usage()).startsWith("usage: ");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "foo | 'foo' is not a valid flag",
                "--listen-client-urls=http://127.0.0.1:1 | --advertise-client-urls is required when "
                        + "--listen-client-urls is set explicitly",
                "--listen-peer-urls=http://example.com:33679 | expected IP in URL for binding (http://example.com:33679)",
                "--heartbeat-interval=0 | --heartbeat-interval must be >0 (set to 0ms)",
                "--election-timeout=0 | --election-timeout must be >0 (set to 0ms)",
                "--heartbeat-interval=500 | --election-timeout[1000ms] should be at least as 5 times as "
                        + "--heartbeat-interval[500ms]",
                "--election-timeout=60000 | --election-timeout[60000ms] is too long, and should be set less than 50000ms",
                "--auto-compaction-mode=foo | unknown auto-compaction-mode \"foo\""
            })
    void flagsThatContradictEachOtherAreExplained(String argument, String message) {
        assertThat(read(argument))
                .isInstanceOfSatisfying(
                        Outcome.Contradiction.class,
                        contradiction -> assertThat(contradiction.message()).isEqualTo(message));
    }

    @Test
    void severalWaysToBootstrapAreOneTooMany() {
        assertThat(read("--discovery=http://x", "--initial-cluster=a=http://127.0.0.1:1"))
                .isInstanceOfSatisfying(
                        Outcome.Contradiction.class,
                        contradiction -> assertThat(contradiction.message())
                                .isEqualTo("multiple discovery or bootstrap flags are set. "
                                        + "Choose one of \"initial-cluster\", \"discovery\" or \"discovery-srv\""));
    }

    /// CVE-2020-15114 and CVE-2020-15136: the program `etcd gateway` could be made to call itself until no
    /// file was left, and did not check the certificates of those it calls.
    @Test
    void cve2020_15114AndCve2020_15136ThereIsNoGatewayBetweenClientsAndMembers() {
        for (var command : new String[] {"gateway", "grpc-proxy"}) {
            assertThat(read(command, "start", "--endpoints=127.0.0.1:23790", "--listen-addr=127.0.0.1:23790"))
                    .isInstanceOfSatisfying(
                            Outcome.Fatal.class,
                            fatal -> assertThat(fatal.message())
                                    .isEqualTo("the command \"" + command + "\" is not served by this version"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--auto-compaction-retention=foo | error parsing CompactionRetention: time: invalid duration \"foo\"",
                "--auto-compaction-retention=-1 | error parsing CompactionRetention: time: missing unit in duration \"-1\"",
                "--auto-compaction-retention=5x | error parsing CompactionRetention: time: unknown unit \"x\" in "
                        + "duration \"5x\"",
                "--discovery=http://x | --discovery=http://x is not served by this version, leave it at its default \"\"",
                "--proxy=on | --proxy=on is not served by this version, leave it at its default \"off\"",
                "--experimental-corrupt-check-time=-1s | --experimental-corrupt-check-time=-1s is negative, expected "
                        + "0s (never) or more",
                "gateway | the command \"gateway\" is not served by this version",
                "grpc-proxy | the command \"grpc-proxy\" is not served by this version",
                "--auto-compaction-retention=-5m | --auto-compaction-retention=-5m is negative, expected 0 (keep all) or "
                        + "more",
                "--listen-metrics-urls=foo | unexpected error setting up listen-metrics-urls: URL scheme must be http, "
                        + "https, unix, or unixs: foo",
                "--log-output=x | unknown log-output \"x\" (only supports \"default\", \"stdout\", \"stderr\")",
                "--max-request-bytes=4000000000 | --max-request-bytes=4000000000 is too large, expected at most 1000000000"
            })
    void whatIsNotServedIsRefusedByName(String argument, String message) {
        assertThat(read(argument))
                .isInstanceOfSatisfying(
                        Outcome.Fatal.class,
                        fatal -> assertThat(fatal.message()).isEqualTo(message));
    }

    @Test
    void freeSpaceIsGivenBackUnlessToldOtherwise() {
        assertThat(config().freeSpace()).isEqualTo(Config.FreeSpace.GIVEN_BACK);
        assertThat(config("--online-defrag=false").freeSpace()).isEqualTo(Config.FreeSpace.KEPT);
    }

    @Test
    void aMemberFoundsACarefulClusterUnlessToldOtherwise() {
        var plain = (Outcome.Run) read();
        assertThat(plain.config().clustering()).isEqualTo(Clustering.DEFAULTS);
        var told = (Outcome.Run) read(
                "--initial-cluster-state=existing",
                "--force-new-cluster",
                "--strict-reconfig-check=false",
                "--pre-vote",
                "--experimental-initial-corrupt-check",
                "--experimental-corrupt-check-time=3s");
        assertThat(told.config().clustering())
                .isEqualTo(new Clustering(
                        Clustering.Beginning.JOIN,
                        Clustering.Restart.ALONE,
                        Clustering.Caution.NONE,
                        true,
                        true,
                        3_000_000_000L));
    }

    @ParameterizedTest
    @CsvSource({
        "--cert-file=",
        "--force-new-cluster=false",
        "--auth-token=simple",
        "--auto-compaction-retention=0",
        "--auto-compaction-retention=",
        "--experimental-corrupt-check-time=0m",
        "--proxy-read-timeout=7",
        "--peer-heartbeat-interval"
    })
    void whatChangesNothingIsAccepted(String argument) {
        assertThat(read(argument)).isInstanceOf(Outcome.Run.class);
    }

    /// CVE-2018-1099.
    @Test
    void theNamesByWhichAMemberIsCalledMayBeListed() {
        assertThat(((Outcome.Run) read()).config().web().hosts()).containsExactly("*");
        assertThat(((Outcome.Run) read("--host-whitelist=b.example, a.example"))
                        .config()
                        .web()
                        .hosts())
                .containsExactly("a.example", "b.example");
    }

    @Test
    void versionAndHelpArePrinted() {
        assertThat(read("--version"))
                .isInstanceOfSatisfying(
                        Outcome.Print.class,
                        print -> assertThat(print.out()).startsWith("etcd Version: 3.3.27\nGit SHA: "));
        assertThat(read("-h")).isInstanceOfSatisfying(Outcome.Print.class, print -> {
            assertThat(print.err()).startsWith("usage: ");
            assertThat(print.out()).contains("--listen-client-urls 'http://localhost:2379'");
        });
    }

    @Test
    void aFlagBeatsAVariableBeatsADefault() {
        var environment = Map.of(
                "ETCD_NAME", "env", "ETCD_SNAPSHOT_COUNT", "7", "ETCD_FOO", "bar", "ETCD_MAX_WALS", "", "HOME", "/");
        var run = (Outcome.Run) CommandLine.read(List.of("--name=flag", "--data-dir=d"), environment);
        assertThat(run.config().name()).isEqualTo("flag");
        assertThat(run.config().raft().snapshotCount()).isEqualTo(7);
        assertThat(run.notes())
                .containsExactly(
                        new Note(
                                Weight.INFO,
                                "pkg/flags",
                                "recognized and used environment variable ETCD_SNAPSHOT_COUNT=7"),
                        new Note(Weight.WARNING, "pkg/flags", "unrecognized environment variable ETCD_FOO=bar"),
                        new Note(Weight.WARNING, "pkg/flags", "unrecognized environment variable ETCD_MAX_WALS="),
                        new Note(
                                Weight.WARNING,
                                "pkg/flags",
                                "recognized environment variable ETCD_NAME, but unused: shadowed by corresponding flag"));
    }

    @Test
    void aBadVariableIsFatal() {
        assertThat(CommandLine.read(List.of(), Map.of("ETCD_HEARTBEAT_INTERVAL", "x")))
                .isEqualTo(new Outcome.Fatal(
                        "etcdmain", "invalid value \"x\" for ETCD_HEARTBEAT_INTERVAL: parse error", 1, List.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "periodic, 0, 0",
        "periodic, '', 0",
        "revision, 0, 0",
        "revision, 0s, 0",
        "periodic, 24, 86400000000000",
        "periodic, 90m, 5400000000000",
        "periodic, 1h30m, 5400000000000"
    })
    void historyIsKeptForHoursOrATime(String mode, String retention, long nanos) {
        var kept = config("--auto-compaction-mode=" + mode, "--auto-compaction-retention=" + retention)
                .retention();
        assertThat(kept).isEqualTo(nanos == 0 ? Retention.ALL : new Retention.Period(nanos));
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "5us, 5000"})
    void orForANumberOfRevisions(String retention, long count) {
        assertThat(config("--auto-compaction-mode=revision", "--auto-compaction-retention=" + retention)
                        .retention())
                .isEqualTo(new Retention.Revisions(count));
    }

    @Test
    void helpIsGroupedAsEtcdsIs() {
        var help = ((Outcome.Print) read("--help")).out();
        assertThat(help.lines().filter(line -> line.endsWith(" flags:")))
                .containsExactly(
                        "member flags:",
                        "clustering flags:",
                        "proxy flags:",
                        "security flags:",
                        "logging flags:",
                        "unsafe flags:",
                        "profiling flags:",
                        "auth flags:",
                        "experimental flags:");
        assertThat(help)
                .contains("\t--data-dir '${name}.etcd'\n")
                .contains("\t--ca-file '' [DEPRECATED]\n")
                .contains("('new', 'existing').\n")
                .doesNotContain("--peer-heartbeat-interval");
    }

    @Test
    void profilesAreServedWhenAskedForOrWhenDebugging() {
        assertThat(config().profiling()).isEqualTo(Config.Profiling.NONE);
        assertThat(config("--enable-pprof").profiling()).isEqualTo(Config.Profiling.SERVED);
        assertThat(config("--debug").profiling()).isEqualTo(Config.Profiling.SERVED);
    }

    @Test
    void aVariableDoesNotNameTheFile() {
        var run = (Outcome.Run) CommandLine.read(List.of("--data-dir=d"), Map.of("ETCD_CONFIG_FILE", "nosuch.yml"));
        assertThat(run.notes())
                .containsExactly(
                        new Note(
                                Weight.INFO,
                                "pkg/flags",
                                "recognized and used environment variable ETCD_CONFIG_FILE=nosuch.yml"),
                        new Note(
                                Weight.WARNING,
                                "pkg/flags",
                                "ETCD_CONFIG_FILE does not make the file be read, use the flag --config-file"));
    }
}
