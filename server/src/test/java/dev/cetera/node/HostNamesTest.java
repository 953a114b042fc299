package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HostNamesTest {
    /// Every look at it, 31 seconds have passed.
    private static final class Hasty implements Time {
        private long nanos;

        @Override
        public long nanos() {
            nanos += 31_000_000_000L;
            return nanos;
        }

        @Override
        public long unixNanos() {
            return 0;
        }
    }

    private final List<String> asked = new ArrayList<>();

    private InetAddress address(String name) throws UnknownHostException {
        asked.add(name);
        return switch (name) {
            case "http" -> InetAddress.ofLiteral("10.0.0.1");
            case "six" -> InetAddress.ofLiteral("fd00::1");
            default -> throw new UnknownHostException(name);
        };
    }

    @Test
    void aNameStandsForItsAddressAndIsAskedForOnce() {
        var names = new HostNames(this::address, Time.system());
        assertThat(names.apply("http://http:2380")).isEqualTo("http://10.0.0.1:2380");
        assertThat(names.apply("http://http:2380")).isEqualTo("http://10.0.0.1:2380");
        assertThat(names.apply("https://six:1")).isEqualTo("https://[fd00:0:0:0:0:0:0:1]:1");
        assertThat(asked).containsExactly("http", "six");
    }

    @Test
    void addressesAndLocalhostStandForThemselves() {
        var names = new HostNames(this::address, Time.system());
        for (var url : List.of("http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "unix://file:1")) {
            assertThat(names.apply(url)).isEqualTo(url);
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void aNameThatIsNotFoundInTimeStaysOne() {
        var names = new HostNames(this::address, new Hasty());
        assertThat(names.apply("http://nowhere:1")).isEqualTo("http://nowhere:1");
    }
}
