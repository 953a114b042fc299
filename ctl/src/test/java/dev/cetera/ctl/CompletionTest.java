package dev.cetera.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.ctl.command.Commands;
import dev.cetera.ctl.line.Completion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CompletionTest {
    private final Completion completion = new Completion(Commands.ROOT);

    /// What bash offers for the last word of a line that it has taken apart.
    private String offered(String... words) throws IOException {
        var quoted = Stream.of(words).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        var bash = new ProcessBuilder("bash", "--norc", "-s")
                .redirectErrorStream(true)
                .start();
        try (var in = bash.outputWriter(StandardCharsets.UTF_8)) {
            in.write(completion.bash());
            in.write("compopt() { :; }\nCOMP_WORDS=(" + quoted + "); COMP_CWORD=" + (words.length - 1)
                    + "; COMPREPLY=(); _ceteractl; echo \"${COMPREPLY[*]}\"\n");
        }
        return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void bashOffersCommandsBehindTheOnesThatStandThere() throws IOException {
        assertThat(offered("ceteractl", "sn")).isEqualTo("snapshot");
        assertThat(offered("ceteractl", "snapshot", "")).isEqualTo("save restore status");
        assertThat(offered("ceteractl", "--endpoints", "=", "a", "--hex", "lease", "re"))
                .isEqualTo("revoke");
        assertThat(offered("ceteractl", "--endpoints", "lease", "re")).isEmpty();
    }

    @Test
    void bashOffersTheFlagsOfTheCommandAndTheirValues() throws IOException {
        assertThat(offered("ceteractl", "get", "a", "--p")).isEqualTo("--prefix --print-value-only");
        assertThat(offered("ceteractl", "get", "-w", "")).isEqualTo("fields json protobuf simple table");
        assertThat(offered("ceteractl", "get", "--write-out", "=", "j")).isEqualTo("json");
        assertThat(offered("ceteractl", "--user", "")).isEmpty();
    }

    @Test
    void theOtherShellsHaveEveryCommandAndEveryFlag() {
        assertThat(completion.zsh())
                .startsWith("#compdef ceteractl\n")
                .contains("(\" lease\") commands=('grant:Creates leases' ", "'--write-out:set the output format");
        assertThat(completion.fish())
                .contains("complete -c ceteractl -n '__ceteractl_at \" lease\"' -f -a grant -d 'Creates leases'\n")
                .contains("-s w -l write-out -x -a 'fields json protobuf simple table'")
                .contains("-l cacert -r -d ");
    }
}
