package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What somebody types in the first five minutes, and what etcdctl says when the server refuses.
class EtcdctlForeignTest {
    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Member member;
    private Etcdctl ctl;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        ctl = new Etcdctl(member, evidence.directory());
    }

    @Test
    void keysArePutReadAndDeleted() throws Exception {
        assertThat(ctl.ok("put", "greeting", "hello")).isEqualTo("OK");
        assertThat(ctl.ok("get", "greeting")).isEqualTo("greeting\nhello");
        assertThat(ctl.ok("put", "--prev-kv", "greeting", "hi")).isEqualTo("OK\ngreeting\nhello");
        for (int i = 0; i < 12; i++) {
            ctl.ok("put", "k/%02d".formatted(i), "v" + i);
        }
        assertThat(ctl.ok("get", "k/", "--prefix", "--limit=2", "--order=DESCEND", "--sort-by=KEY"))
                .isEqualTo("k/11\nv11\nk/10\nv10");
        assertThat(ctl.ok("get", "k/03", "k/05", "--print-value-only")).isEqualTo("v3\nv4");
        assertThat(json(ctl.ok("get", "k/10", "--from-key", "-w", "json"))
                        .get("count")
                        .getAsInt())
                .isEqualTo(2);
        long revision = revision();
        ctl.ok("put", "greeting", "later");
        assertThat(ctl.ok("get", "greeting", "--rev=" + revision, "--print-value-only"))
                .isEqualTo("hi");
        assertThat(ctl.ok("get", "greeting", "--consistency=s", "--print-value-only"))
                .isEqualTo("later");
        assertThat(ctl.ok("del", "k/0", "--prefix")).isEqualTo("10");
        assertThat(ctl.ok("del", "--prev-kv", "k/10")).isEqualTo("1\nk/10\nv10");
        assertThat(ctl.ok("get", "k/", "--prefix", "--keys-only")).isEqualTo("k/11");
        assertThat(ctl.ok("del", "nothing")).isEqualTo("0");
    }

    @Test
    void aTransactionTakesTheBranchThatItsComparesChoose() throws Exception {
        ctl.ok("put", "a", "1");
        String txn = """
                value("a") = "1"
                version("none") = "0"
                mod("a") > "0"

                put a 2
                get a
                del none

                put a wrong

                """;
        assertThat(ctl.okWithInput(txn, "txn")).isEqualTo("SUCCESS\n\nOK\n\na\n2\n\n0");
        assertThat(ctl.okWithInput(txn, "txn")).isEqualTo("FAILURE\n\nOK");
        assertThat(ctl.ok("get", "a", "--print-value-only")).isEqualTo("wrong");
    }

    @Test
    void aWatchReplaysHistoryAndThenFollows() throws Exception {
        ctl.ok("put", "w/1", "a");
        ctl.ok("put", "w/1", "b");
        Path in = Files.createFile(evidence.directory().resolve("watch.in"));
        Path out = evidence.directory().resolve("watch.out");
        Process watch = ctl.start(
                in, out, evidence.directory().resolve("watch.err"), "watch", "w/", "--prefix", "--rev=1", "--prev-kv");
        evidence.closing(watch::destroyForcibly);
        Await.await(
                "history is printed",
                Duration.ofSeconds(20),
                () -> Files.readString(out).equals("PUT\nw/1\na\nPUT\nw/1\na\nw/1\nb\n"));
        ctl.ok("del", "w/1");
        Await.await(
                "the deletion is printed",
                Duration.ofSeconds(20),
                () -> Files.readString(out).endsWith("DELETE\nw/1\nb\nw/1\n\n"));
    }

    @Test
    void aLeaseKeepsItsKeysUntilItEnds() throws Exception {
        String granted = ctl.ok("lease", "grant", "600");
        assertThat(granted).matches("lease [0-9a-f]{16} granted with TTL\\(600s\\)");
        String id = granted.substring(6, 22);
        ctl.ok("put", "--lease=" + id, "mortal", "x");
        assertThat(ctl.ok("lease", "timetolive", id, "--keys"))
                .matches("lease " + id
                        + " granted with TTL\\(600s\\), remaining\\(\\d+s\\), attached keys\\(\\[mortal]\\)");
        assertThat(ctl.ok("lease", "list")).isEqualTo("found 1 leases\n" + id);
        assertThat(ctl.ok("lease", "keep-alive", "--once", id)).isEqualTo("lease " + id + " keepalived with TTL(600)");
        assertThat(ctl.ok("lease", "revoke", id)).isEqualTo("lease " + id + " revoked");
        assertThat(ctl.ok("get", "mortal")).isEmpty();
        assertThat(ctl.ok("lease", "timetolive", id)).isEqualTo("lease " + id + " already expired");

        String shortLived = ctl.ok("lease", "grant", "1").substring(6, 22);
        ctl.ok("put", "--lease=" + shortLived, "short", "x");
        Await.await(
                "the lease runs out",
                Duration.ofSeconds(30),
                () -> ctl.ok("get", "short").isEmpty());
    }

    @Test
    void aMemberTellsAboutItself() throws Exception {
        assertThat(ctl.run("", "endpoint", "health").err()
                        + ctl.run("", "endpoint", "health").out())
                .contains("is healthy: successfully committed proposal");
        assertThat(ctl.ok("member", "list")).matches("[0-9a-f]+, started, solo, http://.*, http://.*, false");
        JsonObject status = JsonParser.parseString(ctl.ok("endpoint", "status", "-w", "json"))
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("Status");
        assertThat(status.get("version").getAsString()).startsWith("3.");
        assertThat(status.get("dbSize").getAsLong()).isPositive();
        assertThat(status.get("leader").getAsBigInteger())
                .isEqualTo(status.getAsJsonObject("header").get("member_id").getAsBigInteger());
        assertThat(ctl.ok("alarm", "list")).isEmpty();
        ctl.ok("put", "a", "1");
        String hash = ctl.ok("endpoint", "hashkv");
        assertThat(hash).matches(".*, \\d+");
        assertThat(ctl.ok("defrag")).startsWith("Finished defragmenting etcd member");
        assertThat(ctl.ok("endpoint", "hashkv")).isEqualTo(hash);
        assertThat(ctl.ok("get", "a")).isEqualTo("a\n1");
    }

    @Test
    void refusalsHaveEtcdsTexts() throws Exception {
        ctl.ok("put", "a", "1");
        ctl.ok("put", "a", "2");
        ctl.ok("put", "a", "3");
        assertRefused("etcdserver: mvcc: required revision is a future revision", "get", "a", "--rev=99999");
        assertRefused("etcdserver: mvcc: required revision is a future revision", "compaction", "99999");
        assertThat(ctl.ok("compaction", "3")).isEqualTo("compacted revision 3");
        assertRefused("etcdserver: mvcc: required revision has been compacted", "get", "a", "--rev=2");
        assertRefused("etcdserver: mvcc: required revision has been compacted", "compaction", "2");
        assertRefused("etcdserver: key is not provided", "put", "", "x");
        assertRefused("etcdserver: requested lease not found", "put", "--lease=1234", "a", "x");
        assertRefused("etcdserver: key not found", "put", "--ignore-value", "none");
        assertRefused("etcdserver: requested lease not found", "lease", "keep-alive", "--once", "1234");
        assertThat(ctl.run("", "lease", "revoke", "1234").err())
                .contains("failed to revoke lease (etcdserver: requested lease not found)");
        assertThat(ctl.run("\nput a 1\nput a 2\n\n\n", "txn").lastError())
                .isEqualTo("Error: etcdserver: duplicate key given in txn request");
        assertThat(ctl.run("\n" + "get a\n".repeat(129) + "\n\n", "txn").lastError())
                .isEqualTo("Error: etcdserver: too many operations in txn request");
        assertThat(ctl.run("x".repeat(1_572_864), "put", "big").lastError())
                .isEqualTo("Error: etcdserver: request is too large");
        assertThat(ctl.ok("get", "", "--prefix")).isEqualTo("a\n3");
        assertThat(revision()).isEqualTo(4);
    }

    @Test
    void aFullMemberRefusesToGrowUntilItHasSpaceAndTheAlarmIsDisarmed() throws Exception {
        assertThat(member.terminate()).isEqualTo(143);
        member.start(Program.underTest(), "--quota-backend-bytes=1048576");
        String big = "x".repeat(100_000);
        String full = "Error: etcdserver: mvcc: database space exceeded";
        // Each commit between two puts copies a page of values, so a slow machine fills the quota with fewer of them.
        for (int i = 0; i < 3; i++) {
            ctl.okWithInput(big, "put", "big");
        }
        Await.await(
                "the quota is used up",
                Duration.ofSeconds(30),
                () -> ctl.run(big, "put", "big").lastError().equals(full));
        assertThat(ctl.ok("alarm", "list")).matches("memberID:\\d+ alarm:NOSPACE");
        assertThat(member.get("/health").body().strip()).isEqualTo("{\"health\":\"false\"}");
        assertThat(ctl.run("", "put", "a", "1").lastError()).isEqualTo(full);
        assertThat(ctl.run("\nput a 1\n\n\n", "txn").lastError()).isEqualTo(full);
        assertThat(ctl.run("", "lease", "grant", "10").err()).contains("etcdserver: mvcc: database space exceeded");
        assertThat(ctl.ok("get", "big", "--keys-only")).isEqualTo("big");

        assertThat(ctl.ok("del", "big")).isEqualTo("1");
        ctl.ok("compaction", "--physical", Long.toString(revision()));
        assertThat(ctl.ok("defrag")).startsWith("Finished defragmenting etcd member");
        assertThat(ctl.run("", "put", "a", "1").lastError()).isEqualTo(full);
        assertThat(ctl.ok("alarm", "disarm")).matches("memberID:\\d+ alarm:NOSPACE");
        assertThat(ctl.ok("put", "a", "1")).isEqualTo("OK");
        assertThat(ctl.ok("alarm", "list")).isEmpty();
        assertThat(member.get("/health").body().strip()).isEqualTo("{\"health\":\"true\"}");
    }

    @Test
    void aSnapshotIsVerifiedByEtcdctlAndRestoredByARealEtcd() throws Exception {
        for (int i = 0; i < 50; i++) {
            ctl.ok("put", "k" + i % 7, "v" + i);
        }
        ctl.ok("compaction", "20");
        ctl.ok("del", "k3");
        Path file = evidence.directory().resolve("backup.db");
        assertThat(ctl.ok("snapshot", "save", file.toString())).contains("Snapshot saved at " + file);
        JsonObject status = json(ctl.ok("snapshot", "status", file.toString(), "-w", "json"));
        assertThat(status.get("revision").getAsLong()).isEqualTo(revision());
        assertThat(status.get("totalKey").getAsLong()).isGreaterThan(30);
        assertThat(status.get("hash").getAsLong()).isNotZero();

        Member restored = evidence.closing(Member.in(evidence.directory(), "default"));
        ctl.ok(
                "snapshot",
                "restore",
                file.toString(),
                "--data-dir=" + restored.dataDir(),
                "--initial-cluster=default=" + "http://localhost:2380");
        restored.start(Program.etcd());
        assertThat(new Etcdctl(restored, evidence.directory()).ok("get", "", "--prefix"))
                .isEqualTo(ctl.ok("get", "", "--prefix"));
    }

    private void assertRefused(String text, String... arguments) throws IOException, InterruptedException {
        Etcdctl.Answer answer = ctl.run("", arguments);
        assertThat(answer.code()).as(answer.err()).isNotZero();
        assertThat(answer.lastError()).isEqualTo("Error: " + text);
    }

    private long revision() throws IOException, InterruptedException {
        return json(ctl.ok("get", "none", "-w", "json"))
                .getAsJsonObject("header")
                .get("revision")
                .getAsLong();
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }
}
