package dev.cetera.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LeasesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MIN_TTL = 2;

    private final Leases leases = new Leases(MIN_TTL);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> texts(List<byte[]> keys) {
        return keys.stream().map(key -> new String(key, StandardCharsets.UTF_8)).toList();
    }

    @Test
    void theMinimumIsOneAndAHalfElectionTimeoutsInFullSeconds() {
        assertThat(Leases.minTtlSeconds(10, 100)).isEqualTo(2);
        assertThat(Leases.minTtlSeconds(7, 100)).isEqualTo(1);
        assertThat(Leases.minTtlSeconds(11, 100)).isEqualTo(2);
        assertThat(Leases.minTtlSeconds(50, 1000)).isEqualTo(75);
    }

    @Test
    void aShortLeaseIsGrantedAsTheMinimum() {
        for (long ttl : new long[] {2, 1, 0, -1, Long.MIN_VALUE}) {
            var id = 100 - Math.max(ttl, -50);
            assertThat(leases.grant(id, ttl, 0))
                    .isInstanceOfSatisfying(
                            Grant.Granted.class,
                            granted -> assertThat(granted.ttlSeconds()).isEqualTo(MIN_TTL));
        }
    }

    @Test
    void refusalsNameWhatIsWrong() {
        assertThat(leases.grant(7, 10, 0)).isInstanceOf(Grant.Granted.class);
        assertThat(leases.grant(7, 20, 0)).isEqualTo(new Grant.Refused(Refusal.LEASE_EXISTS));
        assertThat(leases.grant(8, Leases.MAX_TTL_SECONDS + 1, 0))
                .isEqualTo(new Grant.Refused(Refusal.LEASE_TTL_TOO_LARGE));
        assertThat(leases.grant(0, 10, 0)).isEqualTo(new Grant.Refused(Refusal.LEASE_NOT_FOUND));
        assertThat(leases.grant(9, Leases.MAX_TTL_SECONDS, 0)).isInstanceOf(Grant.Granted.class);
        assertThat(leases.grant(-9, 10, 0)).isInstanceOf(Grant.Granted.class);
        assertThat(leases.revoke(1)).isNull();
        assertThat(leases.attach(1, bytes("k"))).isFalse();
        assertThat(leases.timeToLive(1, 0)).isEqualTo(new TimeToLive(1, -1, 0, List.of()));
        assertThat(leases.size()).isEqualTo(3);
    }

    @Test
    void theRowIsEtcds() throws InvalidProtocolBufferException {
        var id = Long.parseUnsignedLong("66f6a20559bc2a09", 16);
        var row = ((Grant.Granted) leases.grant(id, 600, 0)).row();
        assertThat(HexFormat.of().formatHex(row.key())).isEqualTo("66f6a20559bc2a09");
        assertThat(HexFormat.of().formatHex(row.value())).isEqualTo("0889d4f0cdd5c0a8fb6610d804");
        assertThat(row.decode().getTTL()).isEqualTo(600);
    }

    @Test
    void aKeyHasAtMostOneLease() {
        leases.grant(1, 10, 0);
        leases.grant(2, 10, 0);
        assertThat(leases.leaseOf(bytes("k"))).isEqualTo(Leases.NONE);
        leases.attach(1, bytes("k"));
        leases.attach(2, bytes("k"));
        assertThat(leases.leaseOf(bytes("k"))).isEqualTo(2);
        assertThat(leases.revoke(1)).isEmpty();
        leases.detach(bytes("k"));
        assertThat(leases.leaseOf(bytes("k"))).isEqualTo(Leases.NONE);
        assertThat(leases.revoke(2)).isEmpty();
    }

    @Test
    void aRevocationNamesTheKeysInByteOrderAndForgettingEndsTheLease() {
        leases.grant(1, 10, 0);
        for (var key : List.of("b", "a", "é", "ab", "\u007f")) {
            leases.attach(1, bytes(key));
        }
        assertThat(texts(Objects.requireNonNull(leases.revoke(1)))).containsExactly("a", "ab", "b", "\u007f", "é");
        assertThat(leases.exists(1)).isTrue();
        assertThat(leases.forget(1)).isEqualTo(LeaseRow.key(1));
        assertThat(leases.exists(1)).isFalse();
        assertThat(leases.leaseOf(bytes("a"))).isEqualTo(Leases.NONE);
        assertThat(leases.grant(1, 10, 0)).isInstanceOf(Grant.Granted.class);
        assertThat(leases.revoke(1)).isEmpty();
    }

    @Test
    void onlyThePrimaryCountsDown() {
        leases.grant(1, 10, 0);
        assertThat(leases.renew(1, 0)).isEqualTo(new Renewal.NotPrimary());
        assertThat(leases.expiredAt(Long.MAX_VALUE, 500)).isEmpty();
        assertThat(leases.timeToLive(1, 5).remainingSeconds()).isEqualTo(9_223_372_036L);

        leases.promote(0, SECOND);
        assertThat(leases.timeToLive(1, SECOND / 2).remainingSeconds()).isEqualTo(10);
        assertThat(leases.renew(1, 5 * SECOND)).isEqualTo(new Renewal.Renewed(10));
        assertThat(leases.timeToLive(1, 5 * SECOND).remainingSeconds()).isEqualTo(10);
        assertThat(leases.expiredAt(15 * SECOND - 1, 500)).isEmpty();
        assertThat(leases.expiredAt(15 * SECOND, 500)).containsExactly(1L);
        assertThat(leases.renew(2, 0)).isEqualTo(new Renewal.NotFound());

        leases.demote();
        assertThat(leases.expiredAt(15 * SECOND, 500)).isEmpty();
        assertThat(leases.renew(1, 0)).isEqualTo(new Renewal.NotPrimary());
    }

    @Test
    void anExpiredLeaseIsNotRenewedButNamedUntilItIsRevoked() {
        leases.promote(0, 0);
        leases.grant(1, 10, 0);
        assertThat(leases.renew(1, 10 * SECOND)).isEqualTo(new Renewal.Expired());
        assertThat(leases.expiredAt(11 * SECOND, 500)).containsExactly(1L);
        assertThat(leases.expiredAt(12 * SECOND, 500)).containsExactly(1L);
        assertThat(leases.timeToLive(1, 12 * SECOND).remainingSeconds()).isEqualTo(-2);
        leases.forget(1);
        assertThat(leases.expiredAt(13 * SECOND, 500)).isEmpty();
        assertThat(leases.renew(1, 13 * SECOND)).isEqualTo(new Renewal.NotFound());
    }

    @Test
    void theLongestLeaseOnALateClockDoesNotOverflow() {
        leases.promote(0, 0);
        leases.grant(1, Leases.MAX_TTL_SECONDS, Long.MAX_VALUE / 2);
        assertThat(leases.expiredAt(Long.MAX_VALUE / 2 + 1, 500)).isEmpty();
        assertThat(leases.renew(1, Long.MAX_VALUE / 2)).isEqualTo(new Renewal.Renewed(Leases.MAX_TTL_SECONDS));
    }

    @Test
    void restoredLeasesKeepTheirTimeAndWaitForAPrimary() throws InvalidProtocolBufferException {
        var rows = new ArrayList<LeaseRow>();
        for (long id = 1; id <= 3; id++) {
            rows.add(((Grant.Granted) leases.grant(id, 100 * id, 0)).row());
        }
        rows.add(LeaseRow.of(4, 1));
        leases.promote(0, 0);
        leases.grant(5, 10, 0);
        leases.attach(5, bytes("gone"));

        leases.restore(rows);
        assertThat(leases.isPrimary()).isFalse();
        assertThat(leases.list()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(leases.leaseOf(bytes("gone"))).isEqualTo(Leases.NONE);
        assertThat(leases.timeToLive(3, 0).grantedSeconds()).isEqualTo(300);
        assertThat(leases.timeToLive(4, 0).grantedSeconds()).isEqualTo(MIN_TTL);
        leases.attach(3, bytes("k"));
        assertThat(texts(leases.timeToLiveWithKeys(3, 0).keys())).containsExactly("k");
    }

    @Test
    void aDamagedRowIsToldAndChangesNothing() {
        leases.grant(1, 10, 0);
        var elsewhere = new LeaseRow(LeaseRow.key(3), LeaseRow.of(2, 10).value());
        var torn = new LeaseRow(LeaseRow.key(2), new byte[] {8});
        for (var row : List.of(elsewhere, torn)) {
            assertThatThrownBy(() -> leases.restore(List.of(row))).isInstanceOf(InvalidProtocolBufferException.class);
        }
        assertThat(leases.exists(1)).isTrue();
    }

    @Test
    void aNewLeaderLetsNoMoreEndInASecondThanItRevokes() {
        for (long id = 1; id <= 5_000; id++) {
            leases.grant(id, id % 3 == 0 ? 60 : 61, 0);
        }
        leases.promote(0, SECOND);
        // Counted in every half second, on the edge of which nothing may be lost.
        int before = 0;
        int inLastHalf = 0;
        for (long half = 0; half < 150; half++) {
            int ended = leases.expiredAt(half * SECOND / 2, 10_000).size();
            int inHalf = ended - before;
            assertThat(inHalf + inLastHalf).isLessThanOrEqualTo(Leases.ENDING_PER_SECOND);
            before = ended;
            inLastHalf = inHalf;
        }
        assertThat(before).isEqualTo(5_000);
        assertThat(leases.expiredAt(61 * SECOND - 1, 10)).isEmpty();
        assertThat(leases.expiredAt(61 * SECOND, 10)).hasSize(10);
        assertThat(leases.expiredAt(62 * SECOND - 1, 10_000)).allMatch(id -> id % 3 == 0);
        assertThat(leases.expiredAt(68 * SECOND, 10_000)).hasSize(5_000);
    }

    @Test
    void fewLeasesEndExactlyWhenTheyShould() {
        for (long id = 1; id < Leases.SPREAD_FROM; id++) {
            leases.grant(id, 60, 0);
        }
        leases.promote(0, 0);
        assertThat(leases.expiredAt(60 * SECOND - 1, 10_000)).isEmpty();
        assertThat(leases.expiredAt(60 * SECOND, 10_000)).hasSize(Leases.SPREAD_FROM - 1);
        assertThat(leases.expiredAt(60 * SECOND, Leases.EXPIRED_PER_CHECK)).hasSize(500);
    }

    @Test
    void everySequenceOfCallsAgreesWithTheObviousVersion() {
        for (long seed = 0; seed < 3_000; seed++) {
            var random = new Random(seed);
            var fast = new Leases(MIN_TTL);
            var slow = new ObviousLeases(MIN_TTL);
            long now = random.nextInt(1000) * SECOND;
            for (int step = 0; step < 60; step++) {
                now += random.nextInt(3) * SECOND / 2;
                var where = "seed " + seed + ", step " + step;
                long id = random.nextInt(12) - 3L;
                var key = bytes("k" + random.nextInt(6));
                switch (random.nextInt(9)) {
                    case 0, 1 -> {
                        long ttl = random.nextInt(15) - 2L;
                        assertThat(fast.grant(id, ttl, now) instanceof Grant.Granted)
                                .as(where)
                                .isEqualTo(slow.grant(id, ttl, now));
                    }
                    case 2 -> {
                        fast.forget(id);
                        slow.forget(id);
                    }
                    case 3 -> assertThat(fast.attach(id, key)).as(where).isEqualTo(slow.attach(id, key));
                    case 4 -> {
                        fast.detach(key);
                        slow.detach(key);
                    }
                    case 5, 6 -> assertThat(fast.renew(id, now)).as(where).isEqualTo(slow.renew(id, now));
                    case 7 -> {
                        fast.promote(now, SECOND);
                        slow.promote(now, SECOND);
                    }
                    default -> {
                        if (random.nextInt(3) == 0) {
                            fast.demote();
                            slow.demote();
                        }
                    }
                }
                int limit = 1 + random.nextInt(5);
                assertThat(fast.expiredAt(now, limit)).as(where).isEqualTo(slow.expiredAt(now, limit));
                assertThat(fast.list()).as(where).isEqualTo(slow.list());
                assertThat(fast.leaseOf(key)).as(where).isEqualTo(slow.leaseOf(key));
                assertThat(shown(fast.timeToLiveWithKeys(id, now)))
                        .as(where)
                        .isEqualTo(shown(slow.timeToLive(id, now)));
            }
        }
    }

    private static String shown(TimeToLive left) {
        return left.id() + " " + left.remainingSeconds() + "/" + left.grantedSeconds() + " " + texts(left.keys());
    }

    @Test
    void aMillionLeasesAreGrantedRenewedAndEndInOrder() {
        leases.promote(0, 0);
        int count = 1_000_000;
        for (int id = 1; id <= count; id++) {
            leases.grant(id, 60 + id % 40, 0);
        }
        var random = new Random(1);
        for (int i = 0; i < count; i++) {
            leases.renew(1 + random.nextInt(count), i * 1_000L);
        }
        assertThat(leases.expiredAt(60 * SECOND, 500)).hasSize(500);
        leases.demote();
        leases.promote(0, 0);
        assertThat(leases.list()).hasSize(count);
        assertThat(leases.expiredAt(60 * SECOND, 5_000)).hasSize(Leases.ENDING_PER_SECOND);
    }
}
