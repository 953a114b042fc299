package dev.cetera.embed;

import dev.cetera.config.CommandLine;
import dev.cetera.config.CommandLine.Moment;
import dev.cetera.config.CommandLine.Note;
import dev.cetera.config.CommandLine.Outcome;
import dev.cetera.config.CommandLine.Weight;
import dev.cetera.config.Config;
import dev.cetera.config.Config.Verbosity;
import dev.cetera.config.Release;
import dev.cetera.logs.Log;
import dev.cetera.logs.LogLevel;
import dev.cetera.logs.Logs;
import dev.cetera.node.NodeFactory;
import dev.cetera.node.RemovedException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// The server program: reads its arguments, starts a member, and serves until a signal or a fatal error ends
/// it. Confined to the main thread.
public final class Main {
    private static final Log LOG = Log.of("etcdmain");
    private static final Log SIGNAL_LOG = Log.of("pkg/osutil");
    private static final int EXIT_REMOVED = 0;
    private static final int EXIT_FATAL = 1;
    private static final int EXIT_UNREADABLE = 2;
    private static final int EXIT_BY_SIGNAL = 128;

    private final NodeFactory factory;
    private final PrintStream out;
    private final PrintStream err;

    public Main(NodeFactory factory) {
        this(factory, stream(FileDescriptor.out), stream(FileDescriptor.err));
    }

    Main(NodeFactory factory, PrintStream out, PrintStream err) {
        this.factory = factory;
        this.out = out;
        this.err = err;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    static void main(String[] args) {
        int code = new Main(RealMember::start).run(List.of(args), System.getenv());
        if (code > EXIT_BY_SIGNAL) {
            Signals.die(code - EXIT_BY_SIGNAL);
        }
        System.exit(code);
    }

    /// Runs the program to its end.
    ///
    /// @return the exit code; 128 and a signal's number when one ended it
    public int run(List<String> args, Map<String, String> environment) {
        return switch (CommandLine.read(args, environment)) {
            case Outcome.Print(var onOut, var onErr) -> {
                err.print(onErr);
                out.print(onOut);
                out.flush();
                yield 0;
            }
            case Outcome.Unreadable(var message, var usage) -> {
                err.println(message);
                err.print(usage);
                yield EXIT_UNREADABLE;
            }
            case Outcome.Contradiction(var message, var hint, var notes) -> {
                var logs = Logs.install(err);
                notes.forEach(Main::log);
                LOG.error("error verifying flags, " + message + ". See 'etcd --help'.");
                if (hint != null) {
                    LOG.error(hint);
                }
                logs.flush();
                yield EXIT_FATAL;
            }
            case Outcome.Fatal(var source, var message, int code, var notes) -> {
                var logs = Logs.install(err);
                notes.forEach(Main::log);
                Log.of(source).critical(message);
                logs.flush();
                yield code;
            }
            case Outcome.Run(var config, var notes) -> serve(config, notes, ServiceManager.of(environment));
        };
    }

    private int serve(Config config, List<Note> notes, ServiceManager manager) {
        var logging = config.logging();
        var logs = Logs.install(
                switch (logging.output()) {
                    case DEFAULT, STDERR -> err;
                    case STDOUT -> out;
                });
        notes.stream().filter(note -> note.moment() == Moment.READING).forEach(Main::log);
        logs.level(logging.verbosity() == Verbosity.DEBUG ? LogLevel.DEBUG : LogLevel.INFO);
        if (!logging.packageLevels().isEmpty()) {
            var wrong = logs.packageLevels(logging.packageLevels());
            if (wrong != null) {
                LOG.warning("couldn't parse log level string: " + wrong + ", continuing with default levels");
            }
        }
        greet();
        notes.stream().filter(note -> note.moment() == Moment.STARTING).forEach(Main::log);
        try {
            return serve(config, logs, manager);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            return EXIT_FATAL;
        } finally {
            logs.flush();
        }
    }

    private int serve(Config config, Logs logs, ServiceManager manager) throws InterruptedException {
        var end = new CompletableFuture<Integer>();
        Signals.handle(signal -> {
            if (!end.complete(EXIT_BY_SIGNAL + signal)) {
                Signals.die(signal); // asked twice: do not wait for anybody
            }
        });
        Cetera cetera;
        try {
            recognize(Path.of(config.dataDir()));
            cetera = Cetera.start(config, factory, logs::level, why -> {
                if (why instanceof RemovedException) {
                    end.complete(EXIT_REMOVED);
                } else {
                    LOG.critical(reason(why));
                    end.complete(EXIT_FATAL);
                }
            });
        } catch (IOException | RuntimeException failed) {
            LOG.critical(reason(failed));
            return EXIT_FATAL;
        }
        var _ = cetera.serving().thenRun(manager::ready);
        int code = end.join();
        if (code > EXIT_BY_SIGNAL) {
            SIGNAL_LOG.notice("received " + Signals.name(code - EXIT_BY_SIGNAL) + " signal, shutting down...");
            manager.stopping();
            cetera.close();
            return ProcessHandle.current().pid() == 1 ? 0 : code;
        }
        if (code == EXIT_REMOVED) {
            cetera.close();
        }
        return code; // a member that cannot go on is not closed in good order: nothing more may be written
    }

    private static String reason(Throwable failed) {
        var message = failed.getMessage();
        return failed instanceof IOException && message != null ? message : failed.toString();
    }

    private static void greet() {
        int processors = Runtime.getRuntime().availableProcessors();
        LOG.info("etcd Version: " + Release.CURRENT.version());
        LOG.info("Git SHA: Not provided");
        LOG.info("Go Version: java" + Runtime.version());
        LOG.info("Go OS/Arch: " + CommandLine.platform());
        LOG.info("setting maximum number of CPUs to " + processors + ", total number of available CPUs is "
                + processors);
    }

    /// Looks at what the data directory was used for before.
    private static void recognize(Path dataDir) throws IOException {
        boolean member = Files.isDirectory(dataDir.resolve("member"));
        boolean proxy = Files.isDirectory(dataDir.resolve("proxy"));
        if (member && proxy) {
            throw new IOException("invalid datadir. Both member and proxy directories exist.");
        }
        if (proxy) {
            throw new IOException(dataDir + " belongs to a proxy, which this version does not run");
        }
        if (member) {
            LOG.notice("the server is already initialized as member before, starting as etcd member...");
        }
    }

    private static void log(Note note) {
        var log = Log.of(note.source());
        if (note.weight() == Weight.WARNING) {
            log.warning(note.text());
        } else {
            log.info(note.text());
        }
    }
}
