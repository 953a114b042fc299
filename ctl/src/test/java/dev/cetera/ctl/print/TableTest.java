package dev.cetera.ctl.print;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void headersAreCentredAndCellsStandToTheRight() {
        var table = new Table(List.of("ID", "name"), List.of(List.of("5c76a", "default"), List.of("1", "b")));

        assertThat(table.drawn()).isEqualTo("""
                +-------+---------+
                |  ID   |  NAME   |
                +-------+---------+
                | 5c76a | default |
                |     1 |       b |
                +-------+---------+
                """);
        assertThat(table.simple()).containsExactly("5c76a, default", "1, b");
    }
}
