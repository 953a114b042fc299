package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// Keys, ranges, conditions, records of DNS.
class ValuesTest {
    @Test
    void thePrefixEndIsBehindAllKeysWithThePrefix() {
        assertThat(Key.of("ab").prefixEnd()).isEqualTo(Key.of("ac"));
        assertThat(Key.of(new byte[] {1, (byte) 0xff}).prefixEnd()).isEqualTo(Key.of(new byte[] {2}));
        assertThat(Key.of(new byte[] {(byte) 0xff}).prefixEnd()).isEqualTo(Key.of(new byte[] {0}));
        assertThat(KeyRange.prefix("")).isEqualTo(KeyRange.all());
    }

    @Test
    void keysAreOrderedAsUnsignedBytes() {
        assertThat(Key.of(new byte[] {(byte) 0x80})).isGreaterThan(Key.of(new byte[] {0x7f}));
        assertThat(Key.of("a").next()).isGreaterThan(Key.of("a")).isLessThan(Key.of("a0"));
    }

    @Test
    void rangesContainWhatTheyCover() {
        assertThat(KeyRange.of("a").contains(Key.of("a"))).isTrue();
        assertThat(KeyRange.of("a").contains(Key.of("ab"))).isFalse();
        assertThat(KeyRange.prefix("a").contains(Key.of("ab"))).isTrue();
        assertThat(KeyRange.prefix("a").contains(Key.of("b"))).isFalse();
        assertThat(KeyRange.from(Key.of("b")).contains(Key.of("zzz"))).isTrue();
        assertThat(KeyRange.all().contains(Key.of("x"))).isTrue();
    }

    @Test
    void whatAKeyIsMadeFromMayChangeAfterwards() {
        var bytes = new byte[] {1, 2};
        var key = Key.of(bytes);
        var value = Value.of(ByteBuffer.wrap(bytes));
        bytes[0] = 9;
        assertThat(key.bytes()).containsExactly(1, 2);
        assertThat(value.bytes()).containsExactly(1, 2);
    }

    @Test
    void aValueIsNotComparedWithANumber() {
        assertThatThrownBy(() -> new Compare(
                        KeyRange.of("a"),
                        Compare.Property.VALUE,
                        Compare.Relation.EQUAL,
                        new Compare.Operand.Numeral(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void srvRecordsBecomeEndpoints() {
        assertThat(SrvLookup.endpoint("0 100 2379 A.example.com.", "https")).isEqualTo("https://a.example.com:2379");
        assertThatThrownBy(() -> SrvLookup.endpoint("nonsense", "http")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clustersBefore32AreOld() {
        assertThat(Client.isOld("3.1.20")).isTrue();
        assertThat(Client.isOld("2.3.8")).isTrue();
        assertThat(Client.isOld("3.2.0")).isFalse();
        assertThat(Client.isOld("3.10.0")).isFalse();
    }
}
