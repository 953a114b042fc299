package dev.cetera.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShownTest {
    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "9,9 B",
        "10,10 B",
        "999,999 B",
        "1000,1.0 kB",
        "9015,9.0 kB",
        "765952,766 kB",
        "1500000,1.5 MB"
    })
    void sizesAreShownAsInEtcd(long bytes, String shown) {
        assertThat(Shown.bytes(bytes)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0ns",
        "999,999ns",
        "12345,12.345µs",
        "250000000,250ms",
        "1500000000,1.5s",
        "1010000000,1.01s",
        "90000000000,1m30s",
        "7200000000000,2h0m0s"
    })
    void durationsAreShownAsInGo(long nanos, String shown) {
        assertThat(Shown.duration(nanos)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://127.0.0.1:2380   | http://127.0.0.1:2380
            HTTP://Host-1:2380      | http://Host-1:2380
            https://[::1]:2380      | https://[::1]:2380
            ' http://a:1 '          | http://a:1
            127.0.0.1:2380          |
            http://127.0.0.1        |
            http://:2380            |
            http://a:0              |
            http://a:65536          |
            http://a:1/             |
            http://a:1?b            |
            http://a b:1            |
            unix://a:1              | unix://a:1
            ftp://a:1               |
            """)
    void peerUrlsAreReadOrRefused(String text, String url) {
        var parsed = PeerUrl.parse(text);
        assertThat(parsed == null ? null : parsed.toString()).isEqualTo(url);
    }
}
