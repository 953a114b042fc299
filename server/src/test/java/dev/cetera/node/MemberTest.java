package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.config.Clustering;
import dev.cetera.disk.Disk;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.LockedException;
import dev.cetera.node.HandTurned.Settings;
import dev.cetera.schema.KeyValue;
import dev.cetera.token.Tokens;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberTest {
    @TempDir
    Path dir;

    private final CompletableFuture<Throwable> fatal = new CompletableFuture<>();

    private Member start(Disk disk, Path dataDir) throws Exception {
        return start(disk, dataDir, Peers.NONE, Clustering.DEFAULTS);
    }

    private Member start(Disk disk, Path dataDir, Peers peers, Clustering clustering) throws Exception {
        var from = Settings.DEFAULTS.config();
        var config = new MemberConfig(
                from.name(),
                dataDir,
                null,
                from.clientUrls(),
                from.peerUrls(),
                from.initialCluster(),
                from.clusterToken(),
                from.tickMillis(),
                from.electionTicks(),
                true,
                from.snapshotCount(),
                5,
                5,
                0,
                1_500_000,
                clustering,
                from.retention(),
                from.shrinking());
        var member = Member.start(
                disk, config, Link.NONE, peers, _ -> {}, Tokens.none(), Meters.NONE, () -> {}, fatal::complete);
        member.published().get(60, TimeUnit.SECONDS);
        return member;
    }

    private static <T> CompletableFuture<T> future(java.util.function.Consumer<Answer<T>> operation) {
        var future = new CompletableFuture<T>();
        operation.accept(new Answer<>() {
            @Override
            public void done(T value) {
                future.complete(value);
            }

            @Override
            public void refused(Refusal why) {
                future.completeExceptionally(new IllegalStateException(why.name()));
            }
        });
        return future;
    }

    private static CompletableFuture<PutResponse> put(Member member, String key) {
        var request = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8("value"))
                .build();
        return future(answer -> member.node().put(request, answer));
    }

    private static RangeAnswer get(Member member, String key) throws Exception {
        var request =
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
        return MemberTest.<RangeAnswer>future(answer -> member.node().range(request, answer))
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void whatWasPutIsThereAfterAStop() throws Exception {
        try (var member = start(Disk.real(), dir)) {
            assertThat(put(member, "a").get(60, TimeUnit.SECONDS).getHeader().getRevision())
                    .isEqualTo(2);
        }
        try (var again = start(Disk.real(), dir)) {
            assertThat(get(again, "a").kvs()).hasSize(1);
            assertThat(again.node().revision()).isEqualTo(2);
        }
        assertThat(fatal).isNotDone();
    }

    /// All keys in order.
    private static RangeAnswer list(Member member, RangeRequest.Builder how) throws Exception {
        var all = ByteString.copyFrom(new byte[1]);
        var request = how.setKey(all).setRangeEnd(all).build();
        return MemberTest.<RangeAnswer>future(answer -> member.node().range(request, answer))
                .get(60, TimeUnit.SECONDS);
    }

    private static void fill(Member member, String value) throws Exception {
        for (int i = 0; i < 40; i++) {
            var request = PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("k" + (10 + i)))
                    .setValue(ByteString.copyFromUtf8(value.repeat(10_000)))
                    .build();
            MemberTest.<PutResponse>future(answer -> member.node().put(request, answer))
                    .get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aLongListIsReadPieceByPieceAsItWasWhenItWasBegun() throws Exception {
        try (var member = start(Disk.real(), dir)) {
            fill(member, "a");
            var begun = list(member, RangeRequest.newBuilder());
            var list = Objects.requireNonNull(begun.rest());
            assertThat(begun.kvs()).isEmpty();
            assertThat(begun.number()).isEqualTo(40);
            assertThat(begun.count()).isEqualTo(40);
            assertThat(list.bytes()).isBetween(400_000L, 410_000L);
            fill(member, "b");
            var compaction = CompactionRequest.newBuilder()
                    .setRevision(81)
                    .setPhysical(true)
                    .build();
            MemberTest.<CompactionResponse>future(answer -> member.node().compact(compaction, answer))
                    .get(60, TimeUnit.SECONDS);
            for (int i = 0; i < 40; i++) {
                var piece = MemberTest.<List<KeyValue>>future(answer -> list.next(1, answer))
                        .get(60, TimeUnit.SECONDS);
                assertThat(piece).hasSize(1);
                assertThat(piece.getFirst().key()).asString().isEqualTo("k" + (10 + i));
                assertThat(piece.getFirst().value()[0]).isEqualTo((byte) 'a');
            }
            assertThat(MemberTest.<List<KeyValue>>future(answer -> list.next(1, answer))
                            .get(60, TimeUnit.SECONDS))
                    .isEmpty();
        }
    }

    @Test
    void aLongListIsShapedAsAShortOne() throws Exception {
        try (var member = start(Disk.real(), dir)) {
            fill(member, "a");
            assertThat(list(member, RangeRequest.newBuilder().setKeysOnly(true)).kvs())
                    .hasSize(40)
                    .allSatisfy(kv -> assertThat(kv.value()).isEmpty());
            var limited = list(member, RangeRequest.newBuilder().setLimit(30));
            assertThat(limited.more()).isTrue();
            assertThat(limited.count()).isEqualTo(40);
            assertThat(limited.number()).isEqualTo(30);
            assertThat(list(member, RangeRequest.newBuilder().setMinModRevision(22))
                            .number())
                    .isEqualTo(20);
            Objects.requireNonNull(limited.rest()).close();
        }
    }

    @Test
    void theHashOfTheKeysAsTheyAreSaysOfWhichRevisionItIs() throws Exception {
        try (var member = start(Disk.real(), dir)) {
            put(member, "a").get(60, TimeUnit.SECONDS);
            put(member, "b").get(60, TimeUnit.SECONDS);
            var hash = MemberTest.<HashKVResponse>future(answer -> member.node().hashKv(0, answer))
                    .get(60, TimeUnit.SECONDS);
            assertThat(hash.getHeader().getRevision()).isEqualTo(3);
        }
    }

    @Test
    void aSecondMemberOnTheDirectoryIsRefusedAndTheFirstGoesOn() throws Exception {
        try (var member = start(Disk.real(), dir)) {
            assertThatThrownBy(() -> start(Disk.real(), dir)).isInstanceOf(LockedException.class);
            assertThat(put(member, "a").get(60, TimeUnit.SECONDS).getHeader().getRevision())
                    .isEqualTo(2);
        }
    }

    @Test
    void aStoppedMemberRefusesEverything() throws Exception {
        var member = start(Disk.real(), dir);
        member.close();
        member.close();
        assertThat(put(member, "a"))
                .failsWithin(60, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("STOPPED");
        assertThatThrownBy(() -> get(member, "a")).hasMessageContaining("STOPPED");
    }

    @Test
    void aFailedSyncStopsTheMemberAtOnceAndNothingIsAcknowledged() throws Exception {
        var disk = new FakeDisk(1);
        var member = start(disk, HandTurned.DATA);
        for (long operation = disk.operations() + 1; operation < disk.operations() + 20; operation++) {
            disk.failAt(operation, Fault.IO_ERROR);
        }
        var puts = List.of(put(member, "a"), put(member, "b"));

        assertThat(fatal).succeedsWithin(60, TimeUnit.SECONDS);
        for (var put : puts) {
            assertThat(put)
                    .failsWithin(60, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withMessageContaining("STOPPED");
        }
        assertThatThrownBy(() -> get(member, "a")).hasMessageContaining("STOPPED");
        member.close();
    }

    @Test
    void theKeysAreComparedBeforeAMemberThatHasSomeStarts() throws Exception {
        var disk = new FakeDisk(1);
        var checking = Clustering.DEFAULTS.withChecks(true, 0);
        try (var log = new LogLines("etcdserver")) {
            try (var member = start(disk, Path.of("/data"), Peers.NONE, checking)) {
                put(member, "key").get(60, TimeUnit.SECONDS);
            }
            assertThat(log.lines).noneMatch(line -> line.contains("corruption"));
            start(disk, Path.of("/data"), Peers.NONE, checking).close();
            assertThat(log.lines)
                    .anyMatch(line -> line.endsWith("starting initial corruption check with timeout 7s..."))
                    .anyMatch(line -> line.endsWith("succeeded on initial corruption checking: no corruption"));
        }
    }

    @Test
    void theLeaderComparesTheKeysFromTimeToTime() throws Exception {
        var checking = Clustering.DEFAULTS.withChecks(false, 20_000_000);
        try (var log = new LogLines("etcdserver");
                var member = start(new FakeDisk(1), Path.of("/data"), Peers.NONE, checking)) {
            assertThat(log.lines).contains("enabled corruption checking with 20ms interval");
            put(member, "key").get(60, TimeUnit.SECONDS);
            assertThat(member.node().alarms()).isEmpty();
        }
        assertThat(fatal).isNotDone();
    }
}
