package dev.cetera.bolt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that real etcd and bbolt wrote decode to what an independent reader found in them.
class GoldenFilesTest {
    private static final Path FILE = Path.of("/d/db");

    private static byte[] resource(String name) {
        try (var in = GoldenFilesTest.class.getResourceAsStream("/golden/" + name)) {
            return requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The `bucket`, `kv` and hash lines of a dump.
    private static List<String> expected(String name) {
        return new String(resource(name + ".dump.txt"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#") || line.contains("crc32c"))
                .map(line -> line.startsWith("bucket") ? line.replaceAll("\troot=.*\tkeys=", "\tkeys=") : line)
                .map(line -> line.replaceAll(" keys=.*", ""))
                .toList();
    }

    private static List<String> dump(Tx tx) throws IOException {
        var lines = new ArrayList<String>();
        var hash = new CRC32C();
        for (var name : tx.buckets()) {
            hash.update(name);
            var text = new String(name, StandardCharsets.UTF_8);
            int header = lines.size();
            var cursor = requireNonNull(tx.bucket(name)).cursor();
            while (cursor.next()) {
                hash.update(cursor.key());
                hash.update(cursor.value());
                lines.add("kv\t" + text + "\t" + hex(cursor.key()) + "\t" + shown(cursor.value()));
            }
            lines.add(header, "bucket\t" + text + "\tkeys=" + (lines.size() - header));
        }
        lines.add("# crc32c over all buckets (snapshot status hash)=" + hash.getValue());
        return lines;
    }

    private static String shown(byte[] value) {
        try {
            return value.length <= 1024
                    ? hex(value)
                    : "len=" + value.length + " sha256="
                            + hex(MessageDigest.getInstance("SHA-256").digest(value));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bolt/init.db",
                "bolt/branch.db",
                "bolt/overflow-freelist.db",
                "bolt/page8k.db",
                "bolt/meta0-bad.db",
                "backend/fresh-3.3.db",
                "backend/restored-2-members-3.3.db",
                "backend/rich-3.2.db",
                "backend/rich-3.3.db",
                "backend/rich-3.4.db",
                "snapshot/rich-3.2.snapshot.db",
                "snapshot/rich-3.3.snapshot.db",
                "snapshot/rich-3.4.snapshot.db",
                "snapshot/v2data-3.3.snapshot.db"
            })
    void readsAsTheDumpSays(String name) throws IOException {
        for (var form : FreelistForm.values()) {
            var disk = new FakeDisk(1);
            disk.put(FILE, resource(name));
            var options = BoltOptions.DEFAULTS.withFreelist(form);
            try (var bolt = Bolt.open(disk, FILE, options)) {
                try (var tx = bolt.read()) {
                    assertThat(dump(tx)).isEqualTo(expected(name));
                    assertThat(tx.check()).isEmpty();
                    assertCopyIsTheSame(tx, name);
                }
                // A change and its opposite rewrite some pages and the freelist, and nothing else changes.
                for (int i = 0; i < 2; i++) {
                    try (var tx = bolt.write()) {
                        assertThat(tx.check()).isEmpty();
                        var bucket = tx.createBucket(
                                tx.buckets().isEmpty()
                                        ? new byte[] {1}
                                        : tx.buckets().getLast());
                        if (i == 0) {
                            bucket.put("zz".getBytes(StandardCharsets.UTF_8), new byte[6000]);
                        } else {
                            bucket.delete("zz".getBytes(StandardCharsets.UTF_8));
                        }
                        tx.commit();
                    }
                }
            }
            try (var bolt = Bolt.open(disk, FILE, options);
                    var tx = bolt.read()) {
                assertThat(tx.check()).isEmpty();
                if (!name.endsWith("init.db")) {
                    assertThat(dump(tx)).isEqualTo(expected(name));
                }
            }
        }
    }

    private static void assertCopyIsTheSame(ReadTx tx, String name) throws IOException {
        var copy = new ByteArrayOutputStream();
        tx.copy(copy);
        assertThat(copy.size()).isEqualTo(tx.size());
        var disk = new FakeDisk(2);
        disk.put(FILE, copy.toByteArray());
        try (var bolt = Bolt.open(disk, FILE, BoltOptions.DEFAULTS);
                var again = bolt.read()) {
            assertThat(dump(again)).isEqualTo(expected(name));
            assertThat(again.txid()).isEqualTo(tx.txid());
        }
        if (name.startsWith("snapshot/")) {
            // etcd made its snapshots in the same form, and put their SHA-256 behind.
            assertThat(copy.toByteArray())
                    .isEqualTo(ByteBuffer.allocate(copy.size())
                            .put(resource(name), 0, copy.size())
                            .array());
        }
    }

    @Test
    void theCheckSaysWhatBboltSays() throws IOException {
        // Made by hand and shown to etcdctl: page 2, in use, takes the place of page 4 in the list of free pages.
        var file = resource("bolt/overflow-freelist.db");
        file[3 * 4096 + Page.HEADER] = 2;
        assertThat(findings(file)).containsExactly("page 2: reachable freed", "page 4: unreachable unfreed");
        file[3 * 4096 + Page.HEADER] = 5;
        assertThat(findings(file)).containsExactly("page 5: already freed", "page 4: unreachable unfreed");

        // A second leaf of the branch page becomes the first once more, its keys too small for their place.
        file = resource("bolt/branch.db");
        file[8 * 4096 + Page.HEADER + Page.ELEMENT + 8] = file[8 * 4096 + Page.HEADER + 8];
        assertThat(findings(file)).contains("page " + file[8 * 4096 + Page.HEADER + 8] + ": multiple references");
    }

    private static List<String> findings(byte[] file) throws IOException {
        var disk = new FakeDisk(1);
        disk.put(FILE, file);
        try (var tx = Bolt.view(disk, FILE)) {
            return tx.check();
        }
    }
}
