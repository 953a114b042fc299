package dev.cetera.apply;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.auth.Accounts;
import dev.cetera.cluster.Members;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.lease.LeaseRow;
import dev.cetera.lease.Leases;
import dev.cetera.mvcc.Contents;
import dev.cetera.raft.Snapshot;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Replacement;
import dev.cetera.schema.Revision;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The state in a database that another member has sent: looked at before anything comes to depend on it, and
/// read into memory when it takes the place of this member's own.
public final class ReceivedState {
    private final Contents contents;
    private final List<LeaseRow> leases;
    private final List<byte[]> alarms;
    private final Accounts.Loaded accounts;

    private ReceivedState(Contents contents, List<LeaseRow> leases, List<byte[]> alarms, Accounts.Loaded accounts) {
        this.contents = contents;
        this.leases = leases;
        this.alarms = alarms;
        this.accounts = accounts;
    }

    static ReceivedState read(Replacement database) throws IOException {
        try (var file = database.snapshot()) {
            return new ReceivedState(
                    Contents.of(file, database.path()),
                    leases(file),
                    keys(file, Bucket.ALARM),
                    Accounts.read(AuthRows.of(file)));
        } catch (InvalidProtocolBufferException damaged) {
            throw unreadable(database.path(), damaged);
        }
    }

    Contents contents() {
        return contents;
    }

    List<LeaseRow> leases() {
        return leases;
    }

    List<byte[]> alarms() {
        return alarms;
    }

    Accounts.Loaded accounts() {
        return accounts;
    }

    /// Reads all of a database and of what came with it. Whoever accepts them can't go back to what it was
    /// before, so all that would stop it later must be found here. May take seconds.
    ///
    /// @param path     of a file that nobody has open for writing
    /// @param snapshot came with it
    /// @throws IOException when this member could not go on from there, with what is wrong
    public static void check(Disk disk, Path path, Snapshot snapshot) throws IOException {
        try {
            var legacy = new V2Store();
            legacy.recover(snapshot.data());
            new Members(legacy).load();
        } catch (V2FormatException damaged) {
            throw new IOException("the legacy tree of the snapshot can't be read: " + damaged.getMessage(), damaged);
        }
        try (var file = dev.cetera.schema.Snapshot.of(disk, path)) {
            var findings = file.check();
            if (!findings.isEmpty()) {
                throw new CorruptionException(
                        path, -1, findings.size() + " errors in the database, the first: " + findings.getFirst());
            }
            checkBuckets(file, path);
            long index = snapshot.meta().index();
            if (Long.compareUnsigned(file.consistentIndex(), index) < 0) {
                throw new IOException("the database stands at index " + file.consistentIndex()
                        + ", before that of its snapshot, " + index);
            }
        }
    }

    private static void checkBuckets(dev.cetera.schema.Snapshot file, Path path) throws IOException {
        for (var bucket : Bucket.values()) {
            // One that is missing is made, but for those without which this is nobody's database.
            if (!file.has(bucket) && (bucket == Bucket.META || bucket == Bucket.KEY)) {
                throw new CorruptionException(path, -1, "the database has no bucket " + bucket);
            }
        }
        for (var mark : List.of(MetaKey.SCHEDULED_COMPACTION, MetaKey.FINISHED_COMPACTION)) {
            file.compaction(mark);
        }
        var cursor = file.cursor(Bucket.KEY);
        for (var more = cursor.first(); more; more = cursor.next()) {
            if (!Revision.isKey(cursor.key()) || !KeyValue.of(cursor.value()).isSound()) {
                throw new CorruptionException(path, -1, "a record of bucket key is not a key-value");
            }
        }
        try {
            new Leases(0).restore(leases(file));
            Alarms.restore(keys(file, Bucket.ALARM));
            var _ = Accounts.read(AuthRows.of(file));
        } catch (InvalidProtocolBufferException damaged) {
            throw unreadable(path, damaged);
        }
    }

    /// What to say of a database with such a record.
    static CorruptionException unreadable(Path path, InvalidProtocolBufferException damaged) {
        return new CorruptionException(
                path, -1, "a lease, an alarm, a user or a role can't be read: " + damaged.getMessage());
    }

    private static List<LeaseRow> leases(dev.cetera.schema.Snapshot file) throws IOException {
        var rows = new ArrayList<LeaseRow>();
        if (file.has(Bucket.LEASE)) {
            var cursor = file.cursor(Bucket.LEASE);
            for (var more = cursor.first(); more; more = cursor.next()) {
                rows.add(new LeaseRow(cursor.key(), cursor.value()));
            }
        }
        return rows;
    }

    private static List<byte[]> keys(dev.cetera.schema.Snapshot file, Bucket bucket) throws IOException {
        var keys = new ArrayList<byte[]>();
        if (file.has(bucket)) {
            var cursor = file.cursor(bucket);
            for (var more = cursor.first(); more; more = cursor.next()) {
                keys.add(cursor.key());
            }
        }
        return keys;
    }
}
