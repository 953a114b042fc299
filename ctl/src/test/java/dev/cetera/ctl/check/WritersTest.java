package dev.cetera.ctl.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WritersTest {
    private final Set<ByteString> written = ConcurrentHashMap.newKeySet();
    private final Samples samples = new Samples();
    private final ByteString prefix = ByteString.copyFromUtf8("/p/");

    @Test
    void allKeysAreWrittenOnceEachBehindThePrefix() throws InterruptedException {
        var told = new AtomicInteger();
        new Writers(7, prefix, 16, samples, written::add).all(1_000, told::incrementAndGet);
        assertThat(written).hasSize(1_000).allMatch(key -> key.startsWith(prefix) && key.size() == 3 + 16);
        assertThat(told).hasValue(1_000);
        assertThat(samples.summary(1_000_000_000L).perSecond()).isEqualTo(1_000);
    }

    @Test
    void atAPaceThereAreAsManyAsItHasRoomFor() throws InterruptedException {
        new Writers(3, prefix, 16, samples, written::add).atPace(new Pace(1_000, 50, System.nanoTime(), 50_000_000));
        assertThat(written).hasSize(50);
    }

    @Test
    void whatFailsIsCountedByItsReasonAndNothingStops() throws InterruptedException {
        new Writers(2, prefix, 16, samples, _ -> {
                    throw new IllegalStateException("no space");
                })
                .all(10, () -> {});
        assertThat(samples.summary(1).errors()).containsEntry("no space", 10);
    }
}
