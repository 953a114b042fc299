package dev.cetera.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.ctl.command.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What can be said without a cluster.
class CtlTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... line) {
        return new Ctl(new Terminal(
                        InputStream.nullInputStream(),
                        new PrintStream(out, false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        Optional::empty,
                        () -> 80))
                .run(List.of(line));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theVersionIsThatOfTheEtcdctlItIsLike() {
        assertThat(run("version")).isZero();
        assertThat(out()).isEqualTo("etcdctl version: 3.3.27\nAPI version: 3.3\n");
    }

    @Test
    void anUnknownCommandIsToldWithThoseThatMayHaveBeenMeant() {
        assertThat(run("l")).isEqualTo(1);
        assertThat(err()).startsWith("""
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
        assertThat(run("get", "--nosuch")).isEqualTo(1);
        assertThat(err()).isEqualTo("Error: unknown flag: --nosuch\n\nError: unknown flag: --nosuch\n");
        assertThat(out()).startsWith("NAME:\n\tget - Gets the key or a range of keys\n");
    }

    @Test
    void wrongArgumentsEndWith128AndAFormatThatIsNoneWith4() {
        assertThat(run("get")).isEqualTo(128);
        assertThat(run("get", "a", "-w", "bogus")).isEqualTo(4);
        assertThat(run("get", "a", "--order=up")).isEqualTo(4);
        assertThat(err()).isEqualTo("""
                Error: range command needs arguments.
                Error: unsupported output format
                Error: bad sort order up
                """);
    }

    @Test
    void commandsMayBeShortenedAndFlagsStandAnywhere() {
        assertThat(run("--hex", "vers", "-w=json")).isZero();
        assertThat(run("lease", "grant", "--help")).isZero();
        assertThat(out()).contains("lease grant - Creates leases");
    }

    @Test
    void aFileThatIsNotThereHasNoStatus() {
        assertThat(run("snapshot", "status", "nosuch.db")).isEqualTo(1);
        assertThat(err()).isEqualTo("Error: stat nosuch.db: no such file or directory\n");
    }
}
