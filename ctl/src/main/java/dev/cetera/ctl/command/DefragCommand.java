package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.GoText;
import dev.cetera.ctl.rpc.RpcException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.LockedException;
import dev.cetera.schema.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Databases written anew without what they no longer need: by the members that have them open, or here, in
/// the directory of one that does not run.
final class DefragCommand {
    private static final Duration TOLD_AFTER = Duration.ofSeconds(1);
    private static final Duration ASKED_EVERY = Duration.ofMillis(50);

    static final Command<Session> DEFRAG = Command.of(
            "defrag",
            "Defragments the storage of the etcd members with given endpoints",
            DefragCommand::run,
            Flag.text("data-dir", "", "Optional. If present, defragments a data directory not in use by etcd."));

    private DefragCommand() {}

    private static void run(Session session) throws Failure, IOException, InterruptedException {
        var directory = session.flags().text("data-dir");
        if (directory.isEmpty()) {
            members(session);
            return;
        }
        try {
            offline(session, database(directory));
        } catch (IOException e) {
            session.complain("Failed to defragment etcd data[" + directory + "] (" + e.getMessage() + ")");
            throw Failure.told(Exit.ERROR);
        }
    }

    private static void members(Session session) throws Failure, IOException {
        var rpc = session.rpc();
        var failed = false;
        for (var endpoint : session.target().endpoints()) {
            try {
                var _ = rpc.callAt(
                        endpoint,
                        MaintenanceGrpc.getDefragmentMethod(),
                        DefragmentRequest.getDefaultInstance(),
                        session.timeout());
                session.say("Finished defragmenting etcd member[" + endpoint + "]");
            } catch (RpcException e) {
                failed = true;
                session.complain("Failed to defragment etcd member[" + endpoint + "] (" + e.getMessage() + ")");
            }
        }
        if (failed) {
            throw Failure.told(Exit.ERROR);
        }
    }

    private static Path database(String directory) throws IOException {
        var path = Path.of(directory).resolve("member").resolve("snap").resolve("db");
        if (!Files.exists(path)) {
            throw new IOException("open " + path + ": no such file or directory");
        }
        return path;
    }

    private static void offline(Session session, Path path) throws IOException, InterruptedException {
        var hint = "waiting for etcd to close and release its lock on " + GoText.quoted(path.toString())
                + ". To defrag a running etcd instance, omit --data-dir.";
        try (var backend = unlocked(session, path, hint)) {
            backend.defragment();
        }
    }

    /// The database, once no member has it open; tells after a while what is waited for.
    static Backend unlocked(Session session, Path path, String hint) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        boolean told = false;
        while (true) {
            try {
                return Backend.open(Disk.real(), path);
            } catch (LockedException e) {
                if (!told && System.nanoTime() - begun > TOLD_AFTER.toNanos()) {
                    told = true;
                    session.complain(hint);
                }
                Thread.sleep(ASKED_EVERY);
            }
        }
    }
}
