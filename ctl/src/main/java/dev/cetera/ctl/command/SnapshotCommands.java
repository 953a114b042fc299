package dev.cetera.ctl.command;

import dev.cetera.client.EtcdException;
import dev.cetera.cluster.BadClusterException;
import dev.cetera.cluster.InitialCluster;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.PeerUrls;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.print.GoText;
import dev.cetera.ctl.print.ProgressBar;
import dev.cetera.ctl.print.SnapshotAnswers;
import dev.cetera.ctl.rpc.RpcException;
import dev.cetera.ctl.snapshot.Restore;
import dev.cetera.ctl.snapshot.SnapshotFile;
import dev.cetera.ctl.snapshot.SnapshotStatus;
import dev.cetera.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/// Snapshots: taken from a member, looked at, and made members of a new cluster.
final class SnapshotCommands {
    static final Command<Session> SNAPSHOT = Command.group(
            "snapshot <subcommand>",
            "Manages etcd node snapshots",
            List.of(),
            List.of(
                    Command.of(
                            "save <filename>",
                            "Stores an etcd node backend snapshot to a given file",
                            SnapshotCommands::save),
                    Command.of(
                            "restore <filename> [options]",
                            "Restores an etcd member snapshot to an etcd directory",
                            SnapshotCommands::restore,
                            Flag.text("data-dir", "", "Path to the data directory"),
                            Flag.text("wal-dir", "", "Path to the WAL directory (use --data-dir if none given)"),
                            Flag.text(
                                    "initial-cluster",
                                    "default=http://localhost:2380",
                                    "Initial cluster configuration for restore bootstrap"),
                            Flag.text(
                                    "initial-cluster-token",
                                    "etcd-cluster",
                                    "Initial cluster token for the etcd cluster during restore bootstrap"),
                            Flag.text(
                                    "initial-advertise-peer-urls",
                                    "http://localhost:2380",
                                    "List of this member's peer URLs to advertise to the rest of the cluster"),
                            Flag.text("name", "default", "Human-readable name for this member"),
                            Flag.bool(
                                    "skip-hash-check",
                                    false,
                                    "Ignore snapshot integrity hash value (required if copied from data"
                                            + " directory)")),
                    Command.<Session>of(
                                    "status <filename>",
                                    "Gets backend snapshot status of a given file",
                                    SnapshotCommands::status)
                            .telling("""
                                    When --write-out is set to simple, this command prints out comma-separated status lists for each endpoint.
                                    The items in the lists are hash, revision, total keys, total size.
                                    """)));

    private static final int CHUNK_BYTES = 1 << 16;

    private SnapshotCommands() {}

    private static void save(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "snapshot save expects one argument");
        var path = Path.of(session.word(0));
        var part = Path.of(session.word(0) + ".part");
        try {
            Files.write(part, new byte[0]);
        } catch (IOException e) {
            throw Failure.badArguments("could not open " + part + " (" + reason(e, "open") + ")");
        }
        try {
            receive(session, part);
        } catch (EtcdException e) {
            Files.deleteIfExists(part);
            throw new Failure(Exit.INTERRUPTED, RpcException.told(e));
        }
        try {
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new Failure(Exit.IO, "could not rename " + part + " to " + path + " (" + reason(e, "rename") + ")");
        }
        session.say("Snapshot saved at " + session.word(0));
    }

    private static void receive(Session session, Path part) throws Failure, IOException {
        try (var snapshot = session.client().maintenance().snapshot();
                var out = FileChannel.open(part, StandardOpenOption.WRITE)) {
            var chunk = new byte[CHUNK_BYTES];
            int read = snapshot.read(chunk);
            session.log("clientv3: opened snapshot stream; downloading");
            try (var progress = session.progress(
                    ProgressBar.Appears.WHEN_IT_TAKES_LONG,
                    Math.max(1, read + snapshot.remaining()),
                    GoNumbers::size)) {
                for (; read >= 0; read = snapshot.read(chunk)) {
                    for (var bytes = ByteBuffer.wrap(chunk, 0, read); bytes.hasRemaining(); ) {
                        var _ = out.write(bytes);
                    }
                    progress.add(read);
                }
            }
            session.log("clientv3: completed snapshot read; closing");
            out.force(true);
        }
    }

    private static void status(Session session) throws Failure {
        session.needs(session.words().size() == 1, "snapshot status requires exactly one argument");
        var _ = session.format();
        var path = Path.of(session.word(0));
        if (!Files.exists(path)) {
            throw new Failure(Exit.ERROR, "stat " + path + ": no such file or directory");
        }
        try {
            var status = SnapshotStatus.of(Disk.real(), path);
            session.print(
                    SnapshotAnswers.status(status.hash(), status.revision(), status.totalKeys(), status.totalSize()));
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, e.getMessage());
        }
    }

    private static void restore(Session session) throws Failure, IOException {
        var flags = session.flags();
        session.needs(session.words().size() == 1, "snapshot restore requires exactly one argument");
        var name = flags.text("name");
        var founding = founding(session, name);
        var member = founding.members().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .map(Member::id)
                .orElseThrow(() -> Failure.badArguments(
                        "couldn't find local name " + GoText.quoted(name) + " in the initial cluster configuration"));
        var base = Path.of(flags.text("data-dir").isEmpty() ? name + ".etcd" : flags.text("data-dir"));
        var wal = flags.text("wal-dir").isEmpty()
                ? base.resolve("member").resolve("wal")
                : Path.of(flags.text("wal-dir"));
        if (Files.exists(base)) {
            throw new Failure(Exit.INVALID_INPUT, "data-dir " + GoText.quoted(base.toString()) + " exists");
        }
        var snap = base.resolve("member").resolve("snap");
        copy(session, Path.of(session.word(0)), snap);
        new Restore(Disk.real(), snap, wal, founding, member).run();
        for (var each : founding.members()) {
            session.log("etcdserver/membership: added member " + Long.toHexString(each.id()) + " ["
                    + String.join(" ", each.peerUrls()) + "] to cluster " + Long.toHexString(founding.clusterId()));
        }
    }

    private static InitialCluster.Founding founding(Session session, String name) throws Failure {
        var flags = session.flags();
        try {
            var cluster = InitialCluster.parse(flags.text("initial-cluster"));
            cluster.check(name);
            var advertised = PeerUrls.parse(
                    Arrays.asList(flags.text("initial-advertise-peer-urls").split(",", -1)));
            cluster.checkAdvertised(name, advertised, UnaryOperator.identity());
            return cluster.found(flags.text("initial-cluster-token"));
        } catch (BadClusterException e) {
            // Members say it so when they start; here nothing else is being set up.
            throw Failure.badArguments(
                    String.valueOf(e.getMessage()).replaceFirst("^error setting up initial cluster: ", ""));
        }
    }

    private static void copy(Session session, Path from, Path snap) throws Failure, IOException {
        if (!Files.exists(from)) {
            throw new Failure(Exit.INVALID_INPUT, "open " + from + ": no such file or directory");
        }
        Files.createDirectories(snap, SnapshotFile.PRIVATE);
        var checks = session.flags().is("skip-hash-check") ? SnapshotFile.Checks.NONE : SnapshotFile.Checks.HASH;
        try (var progress = session.progress(
                ProgressBar.Appears.WHEN_IT_TAKES_LONG, Math.max(1, Files.size(from)), GoNumbers::size)) {
            SnapshotFile.copy(from, snap.resolve("db"), checks, progress::add);
        } catch (SnapshotFile.MissingHashException e) {
            throw Failure.badArguments(String.valueOf(e.getMessage()));
        } catch (SnapshotFile.WrongHashException e) {
            throw new Failure(Exit.INVALID_INPUT, e.getMessage());
        }
    }

    private static String reason(IOException e, String call) {
        return e instanceof java.nio.file.NoSuchFileException missing
                ? call + " " + missing.getFile() + ": no such file or directory"
                : String.valueOf(e.getMessage());
    }
}
