package dev.cetera.ctl.command;

import dev.cetera.client.Client;
import dev.cetera.client.EtcdException;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.WatchBatch;
import dev.cetera.client.mirror.Mirror;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.line.Flags;
import dev.cetera.ctl.rpc.RpcException;
import dev.cetera.ctl.rpc.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Copies keys to another cluster: all that there are, and then every change, for as long as it runs. What one
/// revision changed at the source becomes one revision of the destination.
final class MirrorCommand {
    private static final Duration TOLD_EVERY = Duration.ofSeconds(30);

    static final Command<Session> MAKE_MIRROR = Command.of(
            "make-mirror [options] <destination>",
            "Makes a mirror at the destination etcd cluster",
            MirrorCommand::run,
            Flag.text("prefix", "", "Key-value prefix to mirror"),
            Flag.text(
                    "dest-prefix",
                    "",
                    "destination prefix to mirror a prefix to a different prefix in the destination cluster"),
            Flag.bool("no-dest-prefix", false, "mirror key-values to the root of the destination cluster"),
            Flag.text(
                    "dest-cert",
                    "",
                    "Identify secure client using this TLS certificate file for the destination cluster"),
            Flag.text("dest-key", "", "Identify secure client using this TLS key file"),
            Flag.text("dest-cacert", "", "Verify certificates of TLS enabled secure servers using this CA bundle"),
            Flag.bool("dest-insecure-transport", true, "Disable transport security for client connections"));

    private final Client destination;
    private final int prefixLength;
    private final Key newPrefix;
    private final AtomicLong copied = new AtomicLong();

    private MirrorCommand(Client destination, Key prefix, Key newPrefix) {
        this.destination = destination;
        this.prefixLength = prefix.length();
        this.newPrefix = newPrefix;
    }

    private static void run(Session session) throws Failure, IOException {
        var flags = session.flags();
        session.needs(session.words().size() == 1, "make-mirror takes one destination argument.");
        session.needs(
                !flags.is("no-dest-prefix") || flags.text("dest-prefix").isEmpty(),
                "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one.");
        var prefix = Key.of(flags.text("prefix"));
        var newPrefix = flags.is("no-dest-prefix") || !flags.text("dest-prefix").isEmpty()
                ? Key.of(flags.text("dest-prefix"))
                : prefix;
        var destination = session.client(destination(session));
        var source = session.client();
        var mirror = new MirrorCommand(destination, prefix, newPrefix);
        var _ = Thread.ofVirtual().name("mirror-count").start(() -> mirror.tellOnAndOn(session));
        try {
            mirror.copy(Mirror.of(source, KeyRange.prefix(prefix)));
        } catch (EtcdException e) {
            throw new Failure(Exit.ERROR, RpcException.told(e));
        }
    }

    private static Target destination(Session session) throws Failure, IOException {
        var flags = session.flags();
        var certificate = file(flags, "dest-cert");
        var key = file(flags, "dest-key");
        var authorities = file(flags, "dest-cacert");
        boolean encrypted =
                certificate != null || key != null || authorities != null || !flags.is("dest-insecure-transport");
        return session.target()
                .withoutLogin()
                .at(List.of(session.word(0)))
                .with(new Target.Encryption(
                        authorities,
                        certificate,
                        key,
                        null,
                        encrypted ? Target.Wanted.ALWAYS : Target.Wanted.FOR_HTTPS,
                        Target.Checks.ALL));
    }

    private static @Nullable Path file(Flags flags, String name) {
        var path = flags.text(name);
        return path.isEmpty() ? null : Path.of(path);
    }

    private void copy(Mirror mirror) {
        mirror.base(page -> {
            for (var pair : page.kvs()) {
                destination.kv().put(moved(pair.key()), pair.value());
                copied.incrementAndGet();
            }
        });
        try (var changes = mirror.changes()) {
            while (changes.hasNext()) {
                replay(changes.next());
            }
        }
    }

    private void replay(WatchBatch batch) {
        var ops = new ArrayList<Op>();
        long revision = 0;
        for (var event : batch.events()) {
            if (event.kv().modRevision() != revision) {
                commit(ops);
                revision = event.kv().modRevision();
            }
            var key = moved(event.kv().key());
            ops.add(event.isPut() ? Op.put(key, event.kv().value()) : Op.delete(key));
        }
        commit(ops);
    }

    private void commit(List<Op> ops) {
        if (!ops.isEmpty()) {
            destination.kv().commit(Txn.of(ops.toArray(new Op[0])));
            copied.addAndGet(ops.size());
            ops.clear();
        }
    }

    private Key moved(Key key) {
        return newPrefix.plus(key.without(prefixLength));
    }

    private void tellOnAndOn(Session session) {
        try {
            while (true) {
                Thread.sleep(TOLD_EVERY);
                session.say(String.valueOf(copied.get()));
                session.terminal().out().flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
