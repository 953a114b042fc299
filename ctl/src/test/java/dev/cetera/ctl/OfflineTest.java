package dev.cetera.ctl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.disk.Disk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands on files of members that don't run.
class OfflineTest {
    @TempDir
    Path directory;

    private Path snap(String member) {
        return directory.resolve(member).resolve("member").resolve("snap");
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    /// A database with so many keys, of which the first ones are gone again.
    private Path database(String member, int keys, int gone) throws IOException {
        var path = Files.createDirectories(snap(member)).resolve("db");
        try (var backend = Backend.open(Disk.real(), path)) {
            var value = new byte[1000];
            for (int i = 1; i <= keys; i++) {
                var pair = KeyValue.put(("k" + i).getBytes(UTF_8), i, i, 1, value, 0);
                backend.put(Bucket.KEY, Revision.putKey(i, 0), pair.encoded());
            }
            backend.consistentIndex(7);
            backend.commit();
            backend.purge(
                    backend.generation(),
                    IntStream.rangeClosed(1, gone)
                            .mapToObj(i -> Revision.putKey(i, 0))
                            .toList(),
                    null);
        }
        return path;
    }

    /// Every pair as `key=value @ created, modified`.
    private List<String> pairs(Path database) throws IOException {
        var found = new ArrayList<String>();
        try (var backend = Backend.open(Disk.real(), database)) {
            backend.forEach(Bucket.KEY, (_, encoded) -> {
                var pair = KeyValue.of(encoded);
                found.add(new String(pair.key(), UTF_8) + "=" + new String(pair.value(), UTF_8) + " @ "
                        + pair.createRevision() + ", " + pair.modRevision());
            });
        }
        return found;
    }

    // ---- defrag ----

    @Test
    void aDatabaseThatNobodyUsesIsWrittenAnewWithoutItsFreePages() throws IOException {
        var database = database("m", 2000, 1900);
        var pairs = pairs(database);
        long before = Files.size(database);
        assertThat(Typed.line("defrag", "--data-dir", path("m"))).isEqualTo(new Typed(0, "", ""));
        assertThat(Files.size(database)).isLessThan(before / 4);
        assertThat(pairs(database)).isEqualTo(pairs).hasSize(100);
    }

    @Test
    void whereThereIsNoDatabaseNoneIsMade() {
        var typed = Typed.line("defrag", "--data-dir", path("nosuch"));
        assertThat(typed.code()).isEqualTo(1);
        assertThat(typed.err())
                .isEqualTo("Failed to defragment etcd data[" + path("nosuch") + "] (open "
                        + snap("nosuch").resolve("db") + ": no such file or directory)\n");
        assertThat(directory.resolve("nosuch")).doesNotExist();
    }

    // ---- migrate ----

    private static byte[] set(String path, String value) {
        return Request.newBuilder()
                .setMethod("PUT")
                .setPath("/1" + path)
                .setVal(value)
                .build()
                .toByteArray();
    }

    private static byte[] mortal(String path, String value) {
        return Request.newBuilder()
                .setMethod("PUT")
                .setPath("/1" + path)
                .setVal(value)
                .setExpiration(4_000_000_000_000_000_000L)
                .build()
                .toByteArray();
    }

    /// A log with these entries; the last one is not committed.
    private void log(String member, byte[]... entries) throws IOException {
        Files.createDirectories(snap(member));
        var wal = snap(member).resolveSibling("wal");
        try (var log = Wal.create(Disk.real(), wal, new Wal.Metadata(1, 2))) {
            var all = new ArrayList<Entry>();
            for (var data : entries) {
                all.add(new Entry(1, all.size() + 1, EntryType.NORMAL, data));
            }
            log.append(new HardState(1, 1, all.size() - 1), all);
            log.sync();
        }
    }

    @Test
    void committedKeysOfTheOldApiBecomeKeysAtTheRevisionsThatTheirIndexesWere() throws IOException {
        log("m", set("/a", "1"), set("/dir/b", "2"), mortal("/m", "3"), set("/a", "4"), set("/late", "5"));
        assertThat(Typed.line("migrate", "--data-dir", path("m")))
                .isEqualTo(new Typed(0, "using default transformer\nfinished transforming keys\n", ""));
        var database = snap("m").resolve("db");
        assertThat(pairs(database)).containsExactly("/dir/b=2 @ 2, 2", "/m=3 @ 3, 3", "/a=4 @ 4, 4");
        try (var backend = Backend.open(Disk.real(), database)) {
            assertThat(backend.consistentIndex()).isEqualTo(4);
        }
    }

    @Test
    void keysThatWillEndMayBeLeftOut() throws IOException {
        log("m", set("/a", "1"), mortal("/m", "3"), set("/late", "5"));
        assertThat(Typed.line("migrate", "--no-ttl", "--data-dir", path("m")).code())
                .isZero();
        assertThat(pairs(snap("m").resolve("db"))).containsExactly("/a=1 @ 1, 1");
    }

    @Test
    void whereThereAreNoKeysOfTheOldApiNothingIsMade() throws IOException {
        log("m", set("/late", "5"));
        assertThat(Typed.line("migrate", "--data-dir", path("m")).out())
                .isEqualTo("using default transformer\nno v2 keys to migrate\n");
        assertThat(snap("m").resolve("db")).doesNotExist();
    }

    @Test
    void requestsOfTheNewApiThatOnlyTheLogHasAreNotPassedOver() throws IOException {
        var put = InternalRaftRequest.newBuilder().setPut(PutRequest.getDefaultInstance());
        log("m", set("/a", "1"), put.setID(1).build().toByteArray(), set("/late", "5"));
        var typed = Typed.line("migrate", "--data-dir", path("m"));
        assertThat(typed.code()).isEqualTo(1);
        assertThat(typed.err()).startsWith("Error: the log has v3 requests that are not in the database yet;");
        assertThat(pairs(snap("m").resolve("db"))).isEmpty();
    }

    @Test
    void aProgramMayMakeThePairs() throws IOException {
        log("m", set("/a", "1"), set("/late", "5"));
        var program = directory.resolve("transformer");
        // Whatever it is told: one pair, {key: "k", mod_revision: 9}.
        Files.writeString(program, """
                #!/bin/sh
                cat > "$0.told"
                printf '\\005\\0\\0\\0\\0\\0\\0\\0\\012\\001k\\030\\011'
                """);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        assertThat(Typed.line("migrate", "--data-dir", path("m"), "--transformer", program.toString()))
                .isEqualTo(new Typed(0, "finished transforming keys\n", ""));
        assertThat(directory.resolve("transformer.told"))
                .content()
                .isEqualTo(
                        "{\"key\":\"/\",\"dir\":true}{\"key\":\"/a\",\"value\":\"1\",\"modifiedIndex\":1,\"createdIndex\":1}");
        assertThat(pairs(snap("m").resolve("db"))).containsExactly("k= @ 0, 9");
        Files.writeString(program, "#!/bin/sh\nexit 3\n");
        assertThat(Typed.line("migrate", "--data-dir", path("m"), "--transformer", program.toString()))
                .isEqualTo(new Typed(1, "failed to transform keys\n", "Error: exit status 3\n"));
    }

    // ---- snapshot restore and status ----

    private Path snapshot(int extra) throws IOException, NoSuchAlgorithmException {
        var content = Files.readAllBytes(database("old", 10, 0));
        var hash = MessageDigest.getInstance("SHA-256").digest(content);
        hash[0] += (byte) extra;
        var file = Files.write(directory.resolve("snapshot.db"), content);
        return Files.write(file, hash, java.nio.file.StandardOpenOption.APPEND);
    }

    @Test
    void aSnapshotBecomesADirectoryThatOnlyItsOwnerReads() throws Exception {
        var file = snapshot(0).toString();
        var typed = Typed.line("snapshot", "restore", file, "--data-dir", path("new"));
        assertThat(typed.code()).isZero();
        assertThat(typed.err())
                .endsWith(" I | etcdserver/membership: added member 8e9e05c52164694d [http://localhost:2380] to cluster"
                        + " cdf818194e3a8c32\n");
        assertThat(pairs(snap("new").resolve("db"))).hasSize(10);
        assertThat(Wal.read(Disk.real(), snap("new").resolveSibling("wal"), new Wal.SnapshotMark(1, 1))
                        .hardState())
                .isEqualTo(new HardState(1, 0x8e9e05c52164694dL, 1));
        try (Stream<Path> all = Files.walk(directory.resolve("new"))) {
            assertThat(all.filter(Files::isDirectory))
                    .allSatisfy(each -> assertThat(permissions(each)).isEqualTo("rwx------"));
        }
        var again = Typed.line("snapshot", "restore", file, "--data-dir", path("new"));
        assertThat(again).isEqualTo(new Typed(3, "", "Error: data-dir \"" + path("new") + "\" exists\n"));
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSnapshotWithAnotherHashOrNoneIsNotRestoredUnlessThatIsAskedFor() throws Exception {
        var wrong = Typed.line("snapshot", "restore", snapshot(1).toString(), "--data-dir", path("a"));
        assertThat(wrong.code()).isEqualTo(3);
        assertThat(wrong.err()).startsWith("Error: expected sha256 [").contains("], got [");
        var copied = database("copied", 10, 0).toString();
        var none = Typed.line("snapshot", "restore", copied, "--data-dir", path("b"));
        assertThat(none.code()).isEqualTo(128);
        assertThat(none.err()).isEqualTo("Error: snapshot missing hash but --skip-hash-check=false\n");
        var forced = Typed.line("snapshot", "restore", copied, "--data-dir", path("c"), "--skip-hash-check");
        assertThat(forced.code()).isZero();
        assertThat(Typed.line("snapshot", "status", copied, "-w", "fields").out())
                .contains("\"Revision\" : 10\n", "\"Keys\" : ");
    }
}
