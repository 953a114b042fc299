package dev.cetera.ctl.snapshot;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.LongConsumer;

/// A file as `snapshot save` writes it: a database, and behind it a hash of what stands before. One that was
/// copied from a member's directory has no hash.
public final class SnapshotFile {
    /// Of directories: nobody but the owner reads what members keep.
    public static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final int HASH_BYTES = 32;
    private static final int SECTOR = 512;
    private static final int CHUNK = 1 << 20;

    private SnapshotFile() {}

    /// Whether the hash is looked at.
    public enum Checks {
        HASH,
        NONE
    }

    /// The hash is not there.
    public static final class MissingHashException extends Exception {
        private static final long serialVersionUID = 1;

        MissingHashException() {
            super("snapshot missing hash but --skip-hash-check=false");
        }
    }

    /// The hash is that of something else.
    public static final class WrongHashException extends Exception {
        private static final long serialVersionUID = 1;

        WrongHashException(byte[] expected, byte[] found) {
            super("expected sha256 " + decimal(expected) + ", got " + decimal(found));
        }

        private static String decimal(byte[] bytes) {
            var all = new StringBuilder("[");
            for (byte each : bytes) {
                all.append(all.length() == 1 ? "" : " ").append(each & 0xff);
            }
            return all.append(']').toString();
        }
    }

    /// Copies the database alone, and then checks it.
    ///
    /// @param progress told how many bytes more were copied
    public static void copy(Path from, Path to, Checks checks, LongConsumer progress)
            throws IOException, MissingHashException, WrongHashException {
        copy(from, to, progress);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
        try (var file = new RandomAccessFile(to.toFile(), "rw")) {
            boolean hashed = file.length() % SECTOR == HASH_BYTES;
            if (!hashed) {
                if (checks == Checks.HASH) {
                    throw new MissingHashException();
                }
                return;
            }
            var expected = new byte[HASH_BYTES];
            file.seek(file.length() - HASH_BYTES);
            file.readFully(expected);
            file.setLength(file.length() - HASH_BYTES);
            if (checks == Checks.HASH) {
                var found = hash(file);
                if (!Arrays.equals(expected, found)) {
                    throw new WrongHashException(expected, found);
                }
            }
            file.getFD().sync();
        }
    }

    private static void copy(Path from, Path to, LongConsumer progress) throws IOException {
        try (var in = Files.newInputStream(from);
                var out = Files.newOutputStream(to, StandardOpenOption.CREATE_NEW)) {
            var chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                out.write(chunk, 0, read);
                progress.accept(read);
            }
        }
    }

    private static byte[] hash(RandomAccessFile file) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var chunk = new byte[CHUNK];
            file.seek(0);
            for (int read = file.read(chunk); read >= 0; read = file.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
