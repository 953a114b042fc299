package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallDiskTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void tryingWhetherOneMayMountLeavesNothingBehind() throws Exception {
        boolean first = SmallDisk.possible(directory);
        assertThat(directory).isEmptyDirectory();
        assertThat(SmallDisk.possible(directory)).isEqualTo(first);
    }
}
