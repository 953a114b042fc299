package dev.cetera.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {
    private final EmbeddedChannel listening = new EmbeddedChannel();
    private final ConnectionLimit limit = new ConnectionLimit(2);

    private EmbeddedChannel connection() {
        var connection = new EmbeddedChannel(listening, DefaultChannelId.newInstance(), true, false);
        limit.enter(connection);
        return connection;
    }

    @Test
    void noMoreAreTakenThanThereMayBe() {
        var first = connection();
        assertThat(listening.config().isAutoRead()).isTrue();
        var second = connection();
        assertThat(listening.config().isAutoRead()).isFalse();

        var _ = first.close();

        assertThat(listening.config().isAutoRead()).isTrue();
        var third = connection();
        assertThat(listening.config().isAutoRead()).isFalse();
        var _ = second.close();
        var _ = third.close();
        assertThat(listening.config().isAutoRead()).isTrue();
    }

    @Test
    void membersAreLetInALittleLonger() {
        var _ = connection();
        var last = connection();
        assertThat(listening.config().isAutoRead()).isFalse();
        var ofMembers = new EmbeddedChannel();
        var members = limit.higher();
        for (int i = 0; i < 50; i++) {
            assertThat(ofMembers.config().isAutoRead()).isTrue();
            members.enter(new EmbeddedChannel(ofMembers, DefaultChannelId.newInstance(), true, false));
        }
        assertThat(ofMembers.config().isAutoRead()).isFalse();

        var _ = last.close();

        assertThat(ofMembers.config().isAutoRead()).isTrue();
        assertThat(listening.config().isAutoRead()).isFalse();
    }

    @Test
    void aConnectionIsCountedOnce() {
        var first = connection();
        limit.enter(first);

        assertThat(listening.config().isAutoRead()).isTrue();
    }
}
