package dev.cetera.lab.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.testkit.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TemplateTest {
    @Test
    void aFilledTemplateIsTheRequestThatProtobufWouldEncode() {
        Seeds.forEach(200, seed -> {
            var random = new Random(seed);
            int keySize = 4 + random.nextInt(20);
            int key = random.nextInt(60_000);
            int count = 1 + random.nextInt(200);
            var template = Template.of(
                    RangeRequest.newBuilder()
                            .setKey(Template.first(keySize))
                            .setRangeEnd(Template.end(keySize))
                            .setLimit(7)
                            .build()
                            .toByteArray(),
                    keySize);
            byte[] expected = RangeRequest.newBuilder()
                    .setKey(obviousKey(key, keySize))
                    .setRangeEnd(obviousKey(key + count, keySize))
                    .setLimit(7)
                    .build()
                    .toByteArray();
            assertThat(template.with(key, count)).isEqualTo(expected);
        });
    }

    private static ByteString obviousKey(int key, int keySize) {
        return ByteString.copyFrom(("%0" + keySize + "x").formatted(key).getBytes(US_ASCII));
    }
}
