package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each row says how the members of a cluster stand, one letter a member, the first one being the judge:
/// `S` started and connected for long, `n` started and connected just now, `d` started and down, `-` added and
/// never started (so not connected either), `j` added, not started, connected; `L` a learner, connected,
/// `l` a learner that is down.
final class ReconfigurationTest {
    private static final long NOW = 100_000_000_000L;
    private static final Member ADDED = Member.of(99, List.of("http://127.0.0.1:99"), "");

    private static Reconfiguration of(String cluster) {
        var members = new ArrayList<Member>();
        Map<Long, Long> since = new HashMap<>();
        for (int i = 0; i < cluster.length(); i++) {
            long id = i + 1L;
            char state = cluster.charAt(i);
            var name = state == '-' || state == 'j' ? "" : "m" + id;
            var urls = List.of("http://127.0.0.1:" + id);
            members.add(new Member(id, urls, name, List.of(), "Ll".indexOf(state) >= 0));
            if ("SjL".indexOf(state) >= 0) {
                since.put(id, NOW - Reconfiguration.STEADY_NANOS - 1);
            } else if (state == 'n') {
                since.put(id, NOW - Reconfiguration.STEADY_NANOS);
            }
        }
        since.remove(1L); // a link knows nothing of the way to oneself
        return new Reconfiguration(
                new Membership(members, Set.of(), null),
                1,
                id -> {
                    var start = since.get(id);
                    return start == null ? OptionalLong.empty() : OptionalLong.of(start);
                },
                NOW);
    }

    private static @Nullable Refusal parse(String text) {
        return switch (text) {
            case "ok" -> null;
            case "few" -> Refusal.TOO_FEW_STARTED;
            case "unhealthy" -> Refusal.UNHEALTHY;
            default -> throw new IllegalArgumentException(text);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "S, ok",
        "SS, ok",
        "SSS, ok",
        "SSn, unhealthy",
        "SSd, unhealthy",
        "Sd, unhealthy",
        "Sdd, unhealthy",
        "S-, few", // 1 of 3 would have been started
        "SS-, few", // 2 of 4
        "SSj, few",
        "SSSj, ok", // 3 of 5
        "SSL, ok",
        "SSl, ok",
        "-, few"
    })
    void aMemberIsAdded(String cluster, String expected) {
        assertThat(of(cluster).add(ADDED)).isEqualTo(parse(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "S, 1, few", // nobody would be left
        "SS, 2, ok",
        "SS, 1, ok",
        "SSS, 1, ok",
        "SSS, 2, ok",
        "SSd, 3, ok", // down already
        "SSd, 2, unhealthy",
        "SSd, 1, unhealthy",
        "SSn, 2, unhealthy",
        "SSn, 3, unhealthy", // connected, if only just
        "S-, 2, ok", // taking back an addition
        "S-, 1, few",
        "SS-, 2, few",
        "SSSS, 4, ok",
        "SSSd, 3, ok",
        "SSSSd, 2, ok",
        "SSSdd, 2, unhealthy",
        "SL, 2, ok",
        "SSL, 7, ok"
    })
    void aMemberIsRemoved(String cluster, long id, String expected) {
        assertThat(of(cluster).remove(id)).isEqualTo(parse(expected));
    }
}
