package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Program;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClockTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void aClockIsSetByAFileThatTheProgramIsToldOf() throws Exception {
        Path file = directory.resolve("m1.clock");
        Clock clock = new Clock(Path.of("/lib/liar.so"), file);
        assertThat(file).hasContent("+0\n");
        clock.set(-3600);
        assertThat(file).hasContent("-3600\n");
        clock.set(5);
        assertThat(file).hasContent("+5\n");
        Program program = clock.of(new Program("server", List.of("server"), Map.of("A", "B")));
        assertThat(program.environment())
                .containsEntry("A", "B")
                .containsEntry("LD_PRELOAD", "/lib/liar.so")
                .containsEntry("FAKETIME_TIMESTAMP_FILE", file.toString());
        assertThat(directory.toFile().list()).containsExactly("m1.clock");
    }
}
