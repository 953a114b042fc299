package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// One data directory, several programs: what one leaves the next one goes on with.
///
/// A real etcd 3.4 raises the cluster's version to 3.4 as soon as it leads, and closes the way back: what ours
/// goes on with here was left by itself, or by etcd 3.2 and 3.3.
class HandOverForeignTest {
    private static final int PUTS = 30_000;
    private static final int KEYS = 2_000;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void aRealEtcdGoesOnAfterKillNine() throws Exception {
        Member member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        long lease;
        HashKVResponse ours;
        try (var direct = new Direct(member)) {
            lease = fill(direct);
            ours = direct.hash();
        }
        member.kill();

        // Ours again first: what it did not have in its bolt file yet comes from the log.
        member.start(Program.underTest());
        try (var direct = new Direct(member)) {
            assertSame(direct.hash(), ours);
            assertLeaseHoldsItsKey(direct, lease);
            direct.putAll(10, i -> put("ours-again", "v" + i));
            ours = direct.hash();
        }
        member.kill();
        assertGoBoltReads(member, ours.getHeader().getRevision(), KEYS);

        member.start(Program.etcd());
        try (var direct = new Direct(member)) {
            assertSame(direct.hash(), ours);
            assertLeaseHoldsItsKey(direct, lease);
            direct.putAll(100, i -> put("theirs/" + i, "by etcd " + i));
        }
    }

    /// Go's bolt, as etcdctl brings it along, walks the whole file and finds what it expects.
    private void assertGoBoltReads(Member member, long newest, long leastKeys) throws Exception {
        var ctl = new Etcdctl(member, evidence.directory());
        String db = member.dataDir().resolve("member/snap/db").toString();
        var status = JsonParser.parseString(ctl.ok("snapshot", "status", db, "-w", "json"))
                .getAsJsonObject();
        assertThat(status.get("revision").getAsLong()).isBetween(2L, newest);
        assertThat(status.get("totalKey").getAsLong()).isGreaterThan(leastKeys);
    }

    /// Most of the file is free after a compaction, and is given back without anybody asking for it.
    @Test
    void aRealEtcdGoesOnWithAFileThatHasBecomeShorter() throws Exception {
        Member member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        HashKVResponse ours;
        try (var direct = new Direct(member)) {
            direct.putAll(4_000, i -> put("big/" + i % 200, "v" + i + "x".repeat(15_000)));
            Await.await("the file is large", Duration.ofSeconds(30), () -> dbSize(direct) > 50_000_000);
            KVGrpc.newBlockingStub(direct.channel())
                    .compact(CompactionRequest.newBuilder()
                            .setRevision(direct.hash().getHeader().getRevision())
                            .setPhysical(true)
                            .build());
            Await.await("the file is small", Duration.ofSeconds(60), () -> dbSize(direct) < 12_000_000);
            ours = direct.hash();
        }
        member.kill();
        assertGoBoltReads(member, ours.getHeader().getRevision(), 200);

        member.start(Program.etcd());
        try (var direct = new Direct(member)) {
            assertSame(direct.hash(), ours);
            direct.putAll(100, i -> put("theirs/" + i, "by etcd " + i));
        }
    }

    private static long dbSize(Direct direct) {
        return MaintenanceGrpc.newBlockingStub(direct.channel())
                .status(StatusRequest.getDefaultInstance())
                .getDbSize();
    }

    /// 30,000 puts, deletes, a compaction in the middle, a lease with a key; returns the lease.
    private static long fill(Direct direct) throws InterruptedException {
        var kv = KVGrpc.newBlockingStub(direct.channel());
        long lease = LeaseGrpc.newBlockingStub(direct.channel())
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(3600).build())
                .getID();
        direct.putAll(PUTS / 2, i -> put("key/" + i % KEYS, "first " + i + "x".repeat(200)));
        long middle = kv.put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("mortal"))
                        .setValue(ByteString.copyFromUtf8("x"))
                        .setLease(lease)
                        .build())
                .getHeader()
                .getRevision();
        direct.putAll(PUTS / 2, i -> put("key/" + i * 7 % KEYS, "second " + i));
        var deleted = kv.deleteRange(DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("key/10"))
                .setRangeEnd(ByteString.copyFromUtf8("key/11"))
                .build());
        assertThat(deleted.getDeleted()).isEqualTo(111);
        kv.compact(CompactionRequest.newBuilder()
                .setRevision(middle)
                .setPhysical(true)
                .build());
        direct.putAll(KEYS / 2, i -> put("key/" + i * 2, "third " + i));
        return lease;
    }

    @Test
    void whatARealEtcdHasRaisedToItsVersionIsRefusedAndLeftAlone() throws Exception {
        Member member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.etcd());
        HashKVResponse before;
        try (var direct = new Direct(member)) {
            direct.putAll(100, i -> put("k" + i % 10, "v" + i));
            before = direct.hash();
        }
        member.kill();

        refusesToStart(member);
        assertThat(Files.readString(member.log()))
                .containsPattern(
                        "cluster cannot be downgraded \\(current version: 3\\.3\\.\\d+ is lower than determined"
                                + " cluster version: 3\\.4\\)\\.");

        member.start(Program.etcd());
        try (var direct = new Direct(member)) {
            assertSame(direct.hash(), before);
        }
    }

    @Test
    void aDirectoryOfEtcdThreeThreeIsAdopted() throws Exception {
        Member member = member("solo", "fresh-3.3");
        member.start(Program.underTest());
        try (var direct = new Direct(member)) {
            assertThat(value(direct, "k1")).isEqualTo("v1");
            assertThat(value(direct, "lk")).isEqualTo("lv");
            assertThat(value(direct, "foo")).isEmpty();
            direct.putAll(100, i -> put("adopted/" + i, "v" + i));
        }
        assertTheSameUnderARealEtcd(member);
    }

    @Test
    void aLogOfEtcdThreeTwoAloneIsEnough() throws Exception {
        Member member = member("solo", "fresh-3.2");
        member.start(Program.underTest());
        try (var direct = new Direct(member)) {
            assertThat(value(direct, "foo")).isEqualTo("bar");
            direct.putAll(100, i -> put("adopted/" + i, "v" + i));
        }
        assertTheSameUnderARealEtcd(member);
    }

    /// Snapshot file, log and bolt file, with compacted history, users, roles and a raised alarm.
    @Test
    void aDirectoryWithAuthenticationAsksItsUsersForTheirPasswords() throws Exception {
        Member member = member("rich", "rich-3.3");
        // An alarm is raised in it, so it does not count as healthy.
        member.launch(Program.underTest());
        Await.await(
                "it serves",
                Duration.ofMinutes(1),
                () -> member.get("/health").body().contains("health"));
        try (var direct = new Direct(member)) {
            assertThatThrownBy(() -> value(direct, "foo")).hasMessageContaining("user name is empty");
        }
    }

    /// Where a snapshot exists the bolt file must, too: without it the directory's keys are gone, or it is one
    /// of etcd 2.
    @Test
    void aSnapshotWithoutItsBoltFileIsRefusedAndLeftAlone() throws Exception {
        Member member = member("rich", "rich-3.3");
        Files.delete(member.dataDir().resolve("member/snap/db"));
        var before = files(member);
        refusesToStart(member);
        assertThat(Files.readString(member.log())).contains("snap: snapshot file doesn't exist");
        assertThat(files(member)).isEqualTo(before);
    }

    @Test
    void aDirectoryThatOursUsesIsLeftAloneByOthers() throws Exception {
        assertLeftAlone(Program.underTest(), Program.underTest(), Program.etcd());
    }

    @Test
    void aDirectoryThatARealEtcdUsesIsLeftAloneByOurs() throws Exception {
        assertLeftAlone(Program.etcd(), Program.underTest());
    }

    /// etcd says after ten seconds what it waits for.
    private void assertLeftAlone(Program user, Program... intruders) throws Exception {
        Member member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(user);
        var rivals = new ArrayList<Member>();
        for (Program intruder : intruders) {
            Member rival = evidence.closing(member.rival(intruder.name()));
            rival.launch(intruder);
            rivals.add(rival);
        }
        for (Member rival : rivals) {
            Await.await(
                    "the second server gives up, or says what it waits for",
                    Duration.ofSeconds(60),
                    () -> !rival.alive() || Files.readString(rival.log()).contains("holds the file lock"));
            assertThatThrownBy(() -> rival.get("/version")).isInstanceOf(IOException.class);
        }
        try (var direct = new Direct(member)) {
            direct.putAll(100, i -> put("k", "v" + i));
            assertThat(direct.hash().getHeader().getRevision()).isEqualTo(101);
        }
    }

    private static void refusesToStart(Member member) throws Exception {
        member.launch(Program.underTest());
        assertThat(member.awaitExit()).as(member.logTail()).isEqualTo(1);
    }

    /// Every file of the data directory, with what is in it.
    private static Map<Path, ByteString> files(Member member) throws IOException {
        var found = new TreeMap<Path, ByteString>();
        try (var all = Files.walk(member.dataDir())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                found.put(file, ByteString.copyFrom(Files.readAllBytes(file)));
            }
        }
        return found;
    }

    private void assertTheSameUnderARealEtcd(Member member) throws Exception {
        HashKVResponse ours;
        try (var direct = new Direct(member)) {
            ours = direct.hash();
        }
        member.kill();
        member.start(Program.etcd());
        try (var direct = new Direct(member)) {
            assertSame(direct.hash(), ours);
        }
    }

    private static void assertSame(HashKVResponse actual, HashKVResponse expected) {
        assertThat(actual.getHeader().getRevision())
                .as("revision")
                .isEqualTo(expected.getHeader().getRevision());
        assertThat(actual.getCompactRevision()).as("compacted").isEqualTo(expected.getCompactRevision());
        assertThat(actual.getHash()).as("hash").isEqualTo(expected.getHash());
    }

    private static void assertLeaseHoldsItsKey(Direct direct, long lease) {
        var answer = LeaseGrpc.newBlockingStub(direct.channel())
                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                        .setID(lease)
                        .setKeys(true)
                        .build());
        assertThat(answer.getGrantedTTL()).isEqualTo(3600);
        assertThat(answer.getKeysList()).containsExactly(ByteString.copyFromUtf8("mortal"));
    }

    private static String value(Direct direct, String key) {
        var answer = KVGrpc.newBlockingStub(direct.channel())
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .build());
        return answer.getKvsCount() == 0 ? "" : answer.getKvs(0).getValue().toStringUtf8();
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    /// A member whose data directory is made of the files in the test resource folder `golden`.
    private Member member(String name, String golden) throws IOException {
        Member member = evidence.closing(Member.in(evidence.directory(), name));
        copy(golden + "/0000000000000000-0000000000000000.wal", member.dataDir().resolve("member/wal"));
        Path snap = member.dataDir().resolve("member/snap");
        copy(golden + "/0000000000000002-0000000000000027.snap", snap);
        copy(golden + "/db", snap);
        return member;
    }

    /// A file that the resource folder lacks is one that the directory never had.
    private static void copy(String resource, Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (InputStream from = HandOverForeignTest.class.getResourceAsStream("/golden/" + resource)) {
            if (from != null) {
                Path to = directory.resolve(Path.of(resource).getFileName());
                Files.copy(from, to);
                Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
            }
        }
    }
}
