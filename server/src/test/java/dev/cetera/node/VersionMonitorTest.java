package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.ClusterVersion;
import dev.cetera.node.VersionMonitor.Release;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class VersionMonitorTest {
    private static final ClusterVersion OURS = new ClusterVersion(3, 3, 27);

    private static @Nullable String decision(@Nullable String... releases) {
        var decided = VersionMonitor.decide(
                Arrays.stream(releases).map(text -> new Release(1, text)).toList(), OURS);
        return decided == null ? null : decided.text();
    }

    @Test
    void theOldestMemberDecides() {
        assertThat(decision("3.3.27")).isEqualTo("3.3.0");
        assertThat(decision("3.3.27", "3.2.32", "3.3.5")).isEqualTo("3.2.0");
        assertThat(decision("3.3.27", "3.4.23")).isEqualTo("3.3.0");
        assertThat(decision("3.3.27", "3.3.0-rc.1+git")).isEqualTo("3.3.0");
    }

    @Test
    void whoIsNotKnownHoldsBackTheDecision() {
        assertThat(decision("3.3.27", null, "3.2.0")).isNull();
        assertThat(decision("3.3.27", "unknown")).isNull();
    }

    @Test
    void higherMembersAreNamedTogetherWithOurOwnRelease() {
        try (var lines = new LogLines("etcdserver")) {
            var _ = VersionMonitor.decide(
                    List.of(new Release(0xab, "3.3.27"), new Release(0xcd, "3.4.23"), new Release(0xef, "3.3.26")),
                    OURS);
            assertThat(lines.lines)
                    .containsExactly(
                            "the local etcd version 3.3.27 is not up-to-date", "member cd has a higher version 3.4.23");
        }
    }
}
