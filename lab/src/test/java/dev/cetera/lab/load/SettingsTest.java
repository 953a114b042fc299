package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SettingsTest {
    @Test
    void aBadValueIsRefusedWithItsOptionAndWhatWasExpected() {
        assertThatThrownBy(() -> settings(0, 8, 100, 10)).hasMessage("--clients 0: expected at least 1");
        assertThatThrownBy(() -> settings(1, 3, 100, 10)).hasMessage("--key-size 3: expected at least 4");
        assertThatThrownBy(() -> settings(1, 4, 100_000, 10))
                .hasMessage("--keys 100000: keys of 4 hexadecimal digits are fewer");
        assertThatThrownBy(() -> settings(1, 8, 5, 10)).hasMessage("--list-keys 10: expected at most --keys, 5");
    }

    @Test
    void theCommandSaysWhatIsWrongBeforeItStartsAnything() {
        assertThat(refusal("--clients", "0")).startsWith("--clients 0: expected at least 1");
        assertThat(refusal("nonsense")).startsWith("workload nonsense: expected one of those that --help lists");
        assertThat(refusal("put@many")).startsWith("workload put@many: expected a number of clients after the at sign");
        assertThat(refusal("put@0")).startsWith("--clients 0: expected at least 1");
        assertThat(refusal("--endpoints", "nowhere")).startsWith("endpoint nowhere: expected host:port");
        assertThat(refusal("--server", "etcd", "--against", "etcd")).startsWith("--against etcd: expected another");
    }

    private static String refusal(String... arguments) {
        var err = new StringWriter();
        int code = new CommandLine(new Bench()).setErr(new PrintWriter(err)).execute(arguments);
        assertThat(code).isEqualTo(CommandLine.ExitCode.USAGE);
        return err.toString();
    }

    private static Settings settings(int clients, int keySize, int keys, int listKeys) {
        return new Settings(
                clients, 1, 0, Duration.ofSeconds(1), Duration.ZERO, 0, keySize, 10, keys, listKeys, 1, 1, 1);
    }
}
