package dev.cetera.ctl.command;

import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.migrate.LegacyTree;
import dev.cetera.ctl.migrate.Migration;
import dev.cetera.ctl.print.GoText;
import dev.cetera.disk.Disk;
import dev.cetera.v2.V2Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Keys of the v2 API made keys of v3, in the directory of a member that does not run.
final class MigrateCommand {
    static final Command<Session> MIGRATE = Command.of(
            "migrate",
            "Migrates keys in a v2 store to a mvcc store",
            MigrateCommand::run,
            Flag.bool("no-ttl", false, "Do not convert TTL keys"),
            Flag.text("data-dir", "", "Path to the data directory"),
            Flag.text("wal-dir", "", "Path to the WAL directory"),
            Flag.text("transformer", "", "Path to the user-provided transformer program"));

    private MigrateCommand() {}

    private static void run(Session session) throws Failure, InterruptedException {
        var flags = session.flags();
        var transformer = flags.text("transformer");
        if (transformer.isEmpty()) {
            session.say("using default transformer");
        }
        var member = Path.of(flags.text("data-dir")).resolve("member");
        var snap = member.resolve("snap");
        var wal = flags.text("wal-dir").isEmpty() ? member.resolve("wal") : Path.of(flags.text("wal-dir"));
        try {
            for (var directory : List.of(snap, wal)) {
                if (!Files.isDirectory(directory)) {
                    throw new IOException("open " + directory + ": no such file or directory");
                }
            }
            var now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
            var tree = LegacyTree.read(Disk.real(), snap, wal, now);
            if (tree.isEmpty()) {
                session.say("no v2 keys to migrate");
                return;
            }
            write(session, tree, snap.resolve("db"), transformer);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, e.getMessage());
        }
        session.say("finished transforming keys");
    }

    private static void write(Session session, LegacyTree tree, Path database, String transformer)
            throws Failure, IOException, InterruptedException {
        var nodes = tree.nodes();
        if (session.flags().is("no-ttl")) {
            nodes = nodes.stream().filter(node -> node.ttlSeconds() == 0).toList();
        }
        var hint = "waiting for etcd to close and release its lock on " + GoText.quoted(database.toString());
        try (var backend = DefragCommand.unlocked(session, database, hint)) {
            if (tree.lastV3Index() > backend.consistentIndex()) {
                throw new Failure(
                        Exit.ERROR,
                        "the log has v3 requests that are not in the database yet; start the member once, and stop"
                                + " it in peace");
            }
            transform(session, new Migration(backend, tree.index()), nodes, transformer);
        }
    }

    private static void transform(Session session, Migration migration, List<V2Node> nodes, String transformer)
            throws IOException, InterruptedException {
        if (transformer.isEmpty()) {
            migration.asTheyAre(nodes);
            return;
        }
        var program = new ProcessBuilder(transformer)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            migration.madeBy(program, nodes);
        } catch (IOException e) {
            session.say("failed to transform keys");
            throw e;
        }
    }
}
