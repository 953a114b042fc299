package dev.cetera.apply;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.auth.Bcrypt;
import dev.cetera.auth.Rights;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.KvHash;
import dev.cetera.raft.Entry;
import dev.cetera.schema.Bucket;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Entries that etcd wrote, applied as etcd applied them.
class GoldenEntriesTest {
    private static final Path WAL = Path.of("/wal");

    private static byte[] golden(String name) throws IOException {
        try (var file = GoldenEntriesTest.class.getResourceAsStream("/golden/" + name)) {
            return Objects.requireNonNull(file, name).readAllBytes();
        }
    }

    private static List<Entry> entries(String name) throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(WAL);
        disk.put(WAL.resolve("0000000000000000-0000000000000000.wal"), golden("wal/" + name + ".wal"));
        return Wal.read(disk, WAL, Wal.SnapshotMark.NONE).entries();
    }

    private static KvHash hash(Machine machine) throws IOException {
        if (machine.state.store().hashKv(0) instanceof Answer.Found<KvHash>(var found)) {
            return found;
        }
        throw new AssertionError("no hash");
    }

    @Test
    void aLogAppliedFromTheBeginningGivesTheStateThatEtcdHad() throws IOException {
        var fromLog = new Machine();
        var disk = new FakeDisk(1);
        disk.put(Machine.DB, golden("fresh-3.3.db"));
        var fromFile = new Machine(disk, Long.MAX_VALUE);
        long contained = fromFile.state.backend().consistentIndex();
        assertThat(contained).isEqualTo(10);
        for (var entry : entries("fresh-3.3")) {
            fromLog.state.apply(entry, 0, 0);
            var applied = fromFile.state.apply(entry, 0, 0);
            if (entry.index() > 4 && entry.index() <= contained) {
                assertThat(applied).as("entry " + entry.index()).isEqualTo(new Applied.Nothing());
            }
        }
        assertThat(hash(fromLog)).isEqualTo(hash(fromFile));
        assertThat(fromLog.state.leases().list())
                .isEqualTo(fromFile.state.leases().list())
                .hasSize(1);
        long lease = fromLog.state.leases().list().getFirst();
        assertThat(fromLog.state.leases().timeToLiveWithKeys(lease, 0).keys()).hasSize(1);
        for (var machine : List.of(fromLog, fromFile)) {
            var members = machine.state.members().now();
            assertThat(members.members()).hasSize(1);
            assertThat(members.members().getFirst().name()).isNotEmpty();
            assertThat(members.version()).hasToString("3.3.0");
        }
    }

    @Test
    void aLogWithUsersGivesThoseThatEtcdHad() throws IOException {
        var fromLog = new Machine();
        for (var entry : entries("rich-3.3")) {
            fromLog.state.apply(entry, 0, 0);
        }
        var disk = new FakeDisk(1);
        disk.put(Machine.DB, golden("rich-3.3.db"));
        var fromFile = new Machine(disk, Long.MAX_VALUE);
        assertThat(hash(fromLog)).isEqualTo(hash(fromFile));
        assertThat(fromLog.state.store().view().compactRevision()).isEqualTo(9);
        for (var bucket : List.of(Bucket.AUTH, Bucket.AUTH_ROLES, Bucket.ALARM)) {
            assertThat(rows(fromLog, bucket)).as(bucket.name()).isEqualTo(rows(fromFile, bucket));
        }
        for (var machine : List.of(fromLog, fromFile)) {
            var rights = machine.state.accounts().now();
            assertThat(rights.enabled()).isTrue();
            assertThat(rights.revision()).isEqualTo(10);
            assertThat(fits(rights, "root", "rootpw")).isTrue();
            assertThat(fits(rights, "alice", "alicepw")).isTrue();
            assertThat(fits(rights, "alice", "rootpw")).isFalse();
            assertThat(machine.state.accounts().rolesOf("alice")).containsExactly("readers");
        }
    }

    private static boolean fits(Rights rights, String user, String password) {
        var hash = Objects.requireNonNull(rights.passwordHash(user));
        return new Bcrypt(4, new SecureRandom()).matches(hash, password);
    }

    private static Map<ByteString, ByteString> rows(Machine machine, Bucket bucket) throws IOException {
        var rows = new HashMap<ByteString, ByteString>();
        machine.state
                .backend()
                .forEach(bucket, (key, value) -> rows.put(ByteString.copyFrom(key), ByteString.copyFrom(value)));
        return rows;
    }
}
