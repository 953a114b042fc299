package dev.cetera.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What can be said without a cluster.
class CtlTest {
    @Test
    void theVersionIsThatOfTheEtcdctlItIsLike() {
        assertThat(Typed.line("version")).isEqualTo(new Typed(0, "etcdctl version: 3.3.27\nAPI version: 3.3\n", ""));
    }

    @Test
    void anUnknownCommandIsToldWithThoseThatMayHaveBeenMeant() {
        var typed = Typed.line("l");
        assertThat(typed.code()).isEqualTo(1);
        assertThat(typed.err()).startsWith("""
                Error: unknown command "l" for "ceteractl"

                Did you mean this?
                \tdel
                \tlease
                \tlock

                Run 'ceteractl --help' for usage.
                """);
    }

    @Test
    void anUnknownFlagIsToldAroundThePageOfItsCommand() {
        var typed = Typed.line("get", "--nosuch");
        assertThat(typed.code()).isEqualTo(1);
        assertThat(typed.err()).isEqualTo("Error: unknown flag: --nosuch\n\nError: unknown flag: --nosuch\n");
        assertThat(typed.out()).startsWith("NAME:\n\tget - Gets the key or a range of keys\n");
    }

    private static void fails(int code, String error, String... words) {
        assertThat(Typed.line(words)).isEqualTo(new Typed(code, "", "Error: " + error + "\n"));
    }

    @Test
    void wrongArgumentsEndWith128AndValuesThatAreNoneWith4() {
        fails(128, "range command needs arguments.", "get");
        fails(4, "unsupported output format", "get", "a", "-w", "bogus");
        fails(4, "bad sort order up", "get", "a", "--order=up");
        fails(4, "unknown load option zz", "check", "perf", "--load=zz");
        fails(128, "make-mirror takes one destination argument.", "make-mirror");
        fails(
                128,
                "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one.",
                "make-mirror",
                "a",
                "--dest-prefix=b",
                "--no-dest-prefix");
    }

    @Test
    void whatTlsNeedsIsMissedBeforeAnythingIsConnected(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("pem"), "").toString();
        fails(128, "KeyFile and CertFile must both be present[key: , cert: c]", "get", "a", "--cert=c");
        fails(128, "empty string is passed to --cacert option", "get", "a", "--cacert=");
        fails(128, "open nosuch: no such file or directory", "get", "a", "--cacert=nosuch");
        fails(128, "open nosuch: no such file or directory", "get", "a", "--cert=" + file, "--key=nosuch");
    }

    @Test
    void withoutEndpointsThereIsNoConnection() {
        fails(2, "etcdclient: no available endpoints", "get", "a", "--endpoints=");
    }

    @Test
    void whyNobodyAnswersStandsBeforeTheErrorThatScriptsKnow() throws IOException {
        String closed;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = "127.0.0.1:" + server.getLocalPort();
        }
        var typed = Typed.line("get", "a", "--endpoints", closed, "--command-timeout=100ms");
        assertThat(typed)
                .isEqualTo(new Typed(
                        1,
                        "",
                        closed + ": connection refused (no member serves there)\nError: context deadline exceeded\n"));
    }

    @Test
    void commandsMayBeShortenedAndFlagsStandAnywhere() {
        assertThat(Typed.line("--hex", "vers", "-w=json").code()).isZero();
        assertThat(Typed.line("lease", "grant", "--help").out()).contains("lease grant - Creates leases");
    }

    @Test
    void theOldApiIsRefusedInEtcdctlsWordsAndExplained() {
        var typed = Typed.line(Map.of("ETCDCTL_API", "2"), "get", "a");
        assertThat(typed.code()).isEqualTo(1);
        assertThat(typed.err()).startsWith("unsupported API version 2\n(ceteractl has the commands of v3 alone");
        assertThat(Typed.line(Map.of("ETCDCTL_API", "5"), "get", "a").err()).isEqualTo("unsupported API version 5\n");
        assertThat(Typed.line(Map.of("ETCDCTL_API", "3"), "version").code()).isZero();
    }

    @Test
    void theEnvironmentSetsWhatTheLineDoesNotAndIsWarnedOfWhatNobodyReads() {
        var environment = Map.of("ETCDCTL_ENDPOINTS", "", "ETCDCTL_WRITE_OUT", "bogus", "ETCDCTL_FOO", "1");
        var typed = Typed.line(environment, "get", "a");
        assertThat(typed.code()).isEqualTo(4);
        assertThat(typed.err())
                .contains(" W | pkg/flags: unrecognized environment variable ETCDCTL_FOO=1\n")
                .endsWith("Error: unsupported output format\n");
        assertThat(Typed.line(environment, "get", "a", "-w", "simple", "--endpoints=")
                        .err())
                .contains(
                        "recognized environment variable ETCDCTL_WRITE_OUT, but unused: shadowed by corresponding flag");
    }

    @Test
    void debuggingShowsTheFlagsButNoPassword() {
        var typed = Typed.line("get", "a", "--debug", "--user=root:secret", "--endpoints=", "-w", "json");
        assertThat(typed.err())
                .contains("ETCDCTL_COMMAND_TIMEOUT=5s\n", "ETCDCTL_ENDPOINTS=[]\n", "ETCDCTL_USER=root\n")
                .contains("ETCDCTL_WRITE_OUT=json\n")
                .doesNotContain("secret");
    }

    @Test
    void anUnknownTopicOfHelpIsToldBesideThePage() {
        var typed = Typed.line("help", "nosuch");
        assertThat(typed.code()).isZero();
        assertThat(typed.err()).isEqualTo("Unknown help topic [`nosuch`].");
        assertThat(typed.out()).startsWith("NAME:\n\tceteractl - A simple command line client for etcd3.\n");
    }

    @Test
    void aFileThatIsNotThereHasNoStatus() {
        fails(1, "stat nosuch.db: no such file or directory", "snapshot", "status", "nosuch.db");
    }
}
