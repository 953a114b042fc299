package dev.cetera.lab.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.work.Tally.Row;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final Tally SOME =
            new Tally(Map.of(Kind.PUT, new Row(1200, 3, 40), Kind.RANGE, new Row(7, 0, 0)), 5, 12, 345);

    @Test
    void itsTextIsATable() {
        assertThat(SOME.toString().lines().map(String::stripTrailing))
                .containsExactly(
                        "               answered   refused   unknown",
                        "PUT                1200         3        40",
                        "RANGE                 7         0         0",
                        "all                1207         3        40",
                        "5 watches on 12 streams: 345 events");
    }

    @Test
    void talliesAddUp() {
        var sum = SOME.plus(new Tally(Map.of(Kind.PUT, new Row(1, 1, 1), Kind.TXN, new Row(2, 0, 0)), 1, 1, 1));

        assertThat(sum.row(Kind.PUT)).isEqualTo(new Row(1201, 4, 41));
        assertThat(sum.row(Kind.TXN)).isEqualTo(new Row(2, 0, 0));
        assertThat(sum.total()).isEqualTo(new Row(1210, 4, 41));
        assertThat(sum.events()).isEqualTo(346);
    }
}
