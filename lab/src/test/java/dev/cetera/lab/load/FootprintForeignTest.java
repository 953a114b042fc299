package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FootprintForeignTest {
    @Test
    void everyFigureIsThereAndPossible(@TempDir Path dir) {
        var told = Commands.run(
                new Footprint(Commands.contenders()),
                "--dir=" + dir,
                "--keys=500",
                "--overwrites=1000",
                "--watchers=20",
                "--sockets=20",
                "--log-entries=500",
                "--settle=0");
        assertThat(told.code()).isZero();
        var figures = new LinkedHashMap<String, Double>();
        told.out()
                .lines()
                .skip(1)
                .forEach(line -> figures.put(
                        line.substring(0, 32).strip(),
                        Commands.numbers(line.substring(32)).getFirst()));
        assertThat(figures.keySet())
                .containsExactly(
                        "start with nothing, s",
                        "memory with nothing, MB",
                        "memory with the keys, MB",
                        "file with the keys, MB",
                        "end, s",
                        "start with the keys, s",
                        "memory after that start, MB",
                        "written to disk per put, bytes",
                        "processor per put, us",
                        "memory after the overwrites, MB",
                        "file after the overwrites, MB",
                        "memory with watchers, MB",
                        "memory with connections, MB",
                        "start after a kill, s");
        figures.forEach((title, value) -> {
            if (title.endsWith(", s")) {
                assertThat(value).as(title).isBetween(0.001, 60.0);
            } else if (title.startsWith("memory")) {
                assertThat(value).as(title).isBetween(20.0, 20_000.0);
            } else if (title.startsWith("file")) {
                assertThat(value).as(title).isBetween(0.01, 1000.0);
            } else if (title.startsWith("processor")) {
                assertThat(value).as(title).isBetween(1.0, 100_000.0);
            } else {
                // A file system in memory writes nothing to any disk.
                assertThat(value).as(title).isBetween(0.0, 1e7);
            }
        });
    }
}
