package dev.cetera.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// Endpoints as users write them.
class AddressTest {
    @Test
    void everySchemeIsUnderstood() {
        assertThat(Address.parse("a:1")).isEqualTo(new Address("a:1", false, "a", 1));
        assertThat(Address.parse("a").port()).isEqualTo(2379);
        assertThat(Address.parse("http://a:1/").host()).isEqualTo("a");
        assertThat(Address.parse("HTTPS://a:1").secure()).isTrue();
        assertThat(Address.parse("unix:///tmp/x").host()).isEqualTo("/tmp/x");
        assertThat(Address.parse("unixs://localhost:7").secure()).isTrue();
        assertThat(Address.parse("http://[::1]:2379").host()).isEqualTo("::1");
        assertThat(Address.parse("http://[::1]:2379").authority()).isEqualTo("[::1]:2379");
    }

    @Test
    void nonsenseIsNamed() {
        for (var text : new String[] {"ftp://a:1", "http://:1", "a:x", "a:0", "a:70000", "unix://", ""}) {
            assertThatThrownBy(() -> Address.parse(text)).hasMessageContaining("\"" + text + "\"");
        }
    }
}
