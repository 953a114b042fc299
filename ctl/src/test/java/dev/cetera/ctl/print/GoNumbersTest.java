package dev.cetera.ctl.print;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GoNumbersTest {
    @Test
    void durationsAreWrittenAsGoWritesThem() {
        assertThat(GoNumbers.duration(Duration.ofNanos(2_097_054))).isEqualTo("2.097054ms");
        assertThat(GoNumbers.duration(Duration.ofMillis(1500))).isEqualTo("1.5s");
        assertThat(GoNumbers.duration(Duration.ofHours(1))).isEqualTo("1h0m0s");
        assertThat(GoNumbers.duration(Duration.ZERO)).isEqualTo("0s");
    }

    @Test
    void durationsAreReadAsGoReadsThem() {
        assertThat(GoNumbers.parseDuration("1h2m3.5s")).isEqualTo(Duration.ofMillis(3_723_500));
        assertThatThrownBy(() -> GoNumbers.parseDuration("x")).hasMessage("time: invalid duration \"x\"");
        assertThatThrownBy(() -> GoNumbers.parseDuration("5")).hasMessage("time: missing unit in duration \"5\"");
    }

    @Test
    void whatIsNoNumberIsToldInGosWords() {
        assertThatThrownBy(() -> GoNumbers.parseLong("zz", 16))
                .hasMessage("strconv.ParseInt: parsing \"zz\": invalid syntax");
        assertThatThrownBy(() -> GoNumbers.parseLong("99999999999999999999", 10))
                .hasMessage("strconv.ParseInt: parsing \"99999999999999999999\": value out of range");
        assertThat(GoNumbers.parseUnsigned("ffffffffffffffff", 16)).isEqualTo(-1);
    }

    @Test
    void sizesAreInUnitsOfAThousand() {
        assertThat(GoNumbers.size(5)).isEqualTo("5 B");
        assertThat(GoNumbers.size(20480)).isEqualTo("20 kB");
        assertThat(GoNumbers.size(2_100_000)).isEqualTo("2.1 MB");
    }
}
