package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FaultTest {
    @Test
    void faultsHappenAsOftenAsTheirSharesSay() {
        var faults = List.of(new Fault("rare", 1, () -> {}), new Fault("common", 9, () -> {}));
        var counts = new HashMap<String, Integer>();
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            counts.merge(Fault.any(faults, random).name(), 1, Integer::sum);
        }
        assertThat(counts.get("rare")).isBetween(900, 1100);
        assertThat(counts.get("common")).isBetween(8900, 9100);
    }
}
