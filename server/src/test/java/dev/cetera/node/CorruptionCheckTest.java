package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import dev.cetera.config.GoDuration;
import dev.cetera.mvcc.KvHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CorruptionCheckTest {
    private static final long SELF = 0xa1;
    private static final long B = 0xb1;
    private static final long C = 0xc1;

    private final Own own = new Own();
    private final Others others = new Others();
    private LogLines log;
    private CorruptionCheck check;

    @BeforeEach
    void start() {
        log = new LogLines("etcdserver");
        var members = new Membership(
                List.of(
                        Member.of(SELF, List.of("http://a:1"), "a"),
                        Member.of(B, List.of("http://b:1", "http://b:2"), "b"),
                        Member.of(C, List.of("http://c:1"), "c")),
                Set.of(),
                null);
        var config = HandTurned.Settings.DEFAULTS.config("a", "http://a:1");
        check = new CorruptionCheck(SELF, () -> members, others, own, config);
    }

    @AfterEach
    void stop() {
        log.close();
    }

    private void selfIs(KvHash... hashes) {
        own.hashes.addAll(List.of(hashes));
    }

    private void says(long member, int hash, long revision, long compactRevision) {
        others.answers.put(
                member,
                CompletableFuture.completedFuture(HashKVResponse.newBuilder()
                        .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                        .setHash(hash)
                        .setCompactRevision(compactRevision)
                        .build()));
    }

    private void refuses(long member, PeerException why) {
        others.answers.put(member, CompletableFuture.failedFuture(why));
    }

    // ---- before it serves ----

    @Test
    void equalHashesPass() {
        selfIs(new KvHash(-7, 100, -1));
        says(B, -7, 120, -1);
        says(C, -7, 100, -1);
        check.initial().join();
        assertThat(log.lines)
                .containsExactly(
                        "a1 starting initial corruption check with timeout 7s...",
                        "a1 succeeded on initial corruption checking: no corruption");
        assertThat(others.asked).containsExactly("b1@100", "c1@100");
    }

    @Test
    void anotherHashOfTheSameRevisionAndCompactionForbidsTheStart() {
        selfIs(new KvHash(-7, 100, 3));
        says(B, 8, 120, 3);
        says(C, -7, 100, 3);
        assertThatThrownBy(() -> check.initial().join())
                .cause()
                .isInstanceOf(StartException.class)
                .hasMessage("a1 found data inconsistency with peers");
        assertThat(log.lines)
                .contains("a1's hash 4294967289 != b1's hash 8 (revision 100, peer revision 120, compact revision 3)");
    }

    @Test
    void whoCanNotBeComparedIsPassedOver() {
        selfIs(new KvHash(-7, 100, 3));
        says(B, 8, 120, 5);
        refuses(C, new PeerException("no answer"));
        check.initial().join();
        assertThat(log.lines)
                .contains(
                        "a1 hash-kv error \"no answer\" on peer \"http://c:1\" with revision 100",
                        "a1 cannot check hash of peer(b1): peer has a different compact revision 5 (revision:100)")
                .hasSize(4);
    }

    @Test
    void whoLagsIsNamed() {
        selfIs(new KvHash(-7, 100, 3));
        refuses(B, new PeerException(Refusal.FUTURE_REVISION.text(), Refusal.FUTURE_REVISION));
        refuses(C, new PeerException(Refusal.COMPACTED.text(), Refusal.COMPACTED));
        check.initial().join();
        assertThat(log.lines)
                .contains(
                        "a1 cannot check the hash of peer([\"http://b:1\" \"http://b:2\"]) at revision 100: peer is"
                                + " lagging behind(\"etcdserver: mvcc: required revision is a future revision\")",
                        "a1 cannot check the hash of peer([\"http://c:1\"]) at revision 100: local node is lagging"
                                + " behind(\"etcdserver: mvcc: required revision has been compacted\")");
    }

    // ---- while it leads ----

    @Test
    void oneAlarmIsRaisedForARound() {
        selfIs(new KvHash(-7, 100, 3), new KvHash(9, 110, 3));
        says(B, 8, 105, 3);
        says(C, 6, 105, 3);
        check.round();
        assertThat(own.alarms).containsExactly(B);
        assertThat(log.lines)
                .containsExactly(
                        "hash 8 at revision 100 from member b1, expected hash 4294967289",
                        "hash 6 at revision 100 from member c1, expected hash 4294967289");
    }

    @Test
    void whoIsAheadOfTheLeaderIsSuspected() {
        selfIs(new KvHash(-7, 100, 3), new KvHash(9, 110, 4));
        says(B, -7, 111, 3);
        says(C, 5, 110, 5);
        check.round();
        assertThat(own.alarms).containsExactly(B);
        assertThat(log.lines)
                .containsExactly(
                        "revision 111 from member b1, expected at most 110",
                        "compact revision 5 from member c1, expected at most 4");
    }

    @Test
    void aLeaderThatDiffersFromItselfRaisesTheAlarmForItself() {
        selfIs(new KvHash(-7, 100, 3), new KvHash(9, 100, 3));
        says(B, -7, 100, 3);
        refuses(C, new PeerException("no answer"));
        check.round();
        assertThat(own.alarms).containsExactly(SELF);
        assertThat(log.lines).contains("mismatched hashes 4294967289 and 9 for revision 100");
    }

    @Test
    void anotherCompactionIsNoCorruption() {
        selfIs(new KvHash(-7, 100, 3), new KvHash(9, 110, 5));
        says(B, 8, 105, 5);
        says(C, -7, 90, 3);
        check.round();
        assertThat(own.alarms).isEmpty();
        assertThat(log.lines).isEmpty();
    }

    @Test
    void onlyTheLeaderChecksAndOneRoundAtATime() {
        own.leads = false;
        check.round();
        assertThat(others.asked).isEmpty();
        own.leads = true;
        selfIs(new KvHash(1, 100, 3), new KvHash(1, 100, 3), new KvHash(1, 100, 3), new KvHash(1, 100, 3));
        var late = new CompletableFuture<HashKVResponse>();
        others.answers.put(B, late);
        refuses(C, new PeerException("no answer"));
        check.round();
        check.round();
        assertThat(others.asked).hasSize(2);
        late.completeExceptionally(new PeerException("late"));
        check.round();
        assertThat(others.asked).hasSize(4);
    }

    @Test
    void aRoundThatCanNotReadEndsWithoutAnAlarm() {
        selfIs(new KvHash(-7, 100, 3), new KvHash(9, 110, 3));
        says(B, 8, 105, 3);
        refuses(C, new PeerException("no answer"));
        own.linearization = Refusal.TIMED_OUT;
        check.round();
        assertThat(own.alarms).isEmpty();
        own.linearization = null;
        own.hashes.clear();
        selfIs(new KvHash(-7, 100, 3), new KvHash(9, 110, 3));
        check.round();
        assertThat(own.alarms).containsExactly(B);
    }

    @Test
    void spansOfTimeAreShownAsGoShowsThem() {
        var shown = Map.ofEntries(
                Map.entry(0L, "0s"),
                Map.entry(999L, "999ns"),
                Map.entry(1_500L, "1.5µs"),
                Map.entry(20_000_000L, "20ms"),
                Map.entry(7_000_000_000L, "7s"),
                Map.entry(1_050_000_000L, "1.05s"),
                Map.entry(60_000_000_000L, "1m0s"),
                Map.entry(90_500_000_000L, "1m30.5s"),
                Map.entry(3_600_000_000_000L, "1h0m0s"),
                Map.entry(90_061_000_000_000L, "25h1m1s"));
        shown.forEach((nanos, text) -> assertThat(GoDuration.text(nanos)).isEqualTo(text));
    }

    private static final class Own implements CorruptionCheck.Self {
        final Queue<KvHash> hashes = new ArrayDeque<>();
        final List<Long> alarms = new ArrayList<>();
        boolean leads = true;

        @org.jspecify.annotations.Nullable
        Refusal linearization;

        @Override
        public void hash(Answer<KvHash> answer) {
            answer.done(hashes.remove());
        }

        @Override
        public void linearize(Answer<Long> answer) {
            var refusal = linearization;
            if (refusal == null) {
                answer.done(1L);
            } else {
                answer.refused(refusal);
            }
        }

        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public void raiseCorrupt(long member) {
            alarms.add(member);
        }
    }

    private static final class Others implements Peers {
        final Map<Long, CompletableFuture<HashKVResponse>> answers = new HashMap<>();
        final List<String> asked = new ArrayList<>();

        @Override
        public CompletableFuture<HashKVResponse> hashKv(Member member, long revision) {
            asked.add(Long.toHexString(member.id()) + "@" + revision);
            return java.util.Objects.requireNonNull(answers.get(member.id())).copy();
        }

        @Override
        public CompletableFuture<Versions> versions(Member member) {
            return NONE.versions(member);
        }

        @Override
        public CompletableFuture<ClusterView> members(String peerUrl) {
            return NONE.members(peerUrl);
        }

        @Override
        public CompletableFuture<Long> renew(Member leader, long lease) {
            return NONE.renew(leader, lease);
        }

        @Override
        public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(Member leader, LeaseTimeToLiveRequest request) {
            return NONE.timeToLive(leader, request);
        }

        @Override
        public CompletableFuture<List<Member>> promote(Member leader, long learner) {
            return NONE.promote(leader, learner);
        }
    }
}
