package dev.cetera.logs;

import java.io.OutputStream;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The process's log, installed once by a program that is a server. Shared.
public final class Logs {
    /// What the libraries below say, as their users and not etcd's would read it: only their own failures.
    private static final List<String> LIBRARIES = List.of("io.grpc", "io.netty");
    /// What the JDK would add to every start and end at the level DEBUG.
    private static final List<String> JDK = List.of("java", "javax", "jdk", "sun");

    private final LineWriter writer;
    /// Levels belong to logger objects, which the log manager holds weakly: these keep them.
    private final List<Logger> kept = new ArrayList<>();

    private Logs(LineWriter writer) {
        this.writer = writer;
    }

    /// Replaces whatever handlers the root logger has.
    ///
    /// @param out where the lines go
    public static Logs install(OutputStream out) {
        LogManager.getLogManager().reset();
        var logs = new Logs(new LineWriter(out, new LineFormat(ZoneId.systemDefault())));
        var root = Logger.getLogger("");
        root.addHandler(logs.writer);
        logs.level(LogLevel.INFO);
        return logs;
    }

    /// Sets the level of everything that has none of its own.
    public synchronized void level(LogLevel level) {
        Logger.getLogger("").setLevel(level.level());
        boolean debug = level.level().intValue() <= LogLevel.DEBUG.level().intValue();
        JDK.forEach(name -> keep(name).setLevel(debug ? Level.INFO : level.level()));
        for (var name : LIBRARIES) {
            keep(name).setLevel(debug ? Level.INFO : Level.SEVERE);
        }
    }

    /// Sets levels by package, `etcdserver=WARNING,raft=DEBUG`; `*` stands for all.
    ///
    /// @return why nothing was set, or null
    public synchronized @Nullable String packageLevels(String text) {
        record Setting(String name, LogLevel level) {}
        var settings = new ArrayList<Setting>();
        for (var part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0 || part.indexOf('=', equals + 1) >= 0) {
                return "oddly structured `pkg=level` option: " + part;
            }
            var level = LogLevel.parse(part.substring(equals + 1));
            if (level == null) {
                return "couldn't parse log level " + part.substring(equals + 1);
            }
            settings.add(new Setting(part.substring(0, equals), level));
        }
        for (var setting : settings) {
            if (setting.name.equals("*")) {
                level(setting.level);
            } else {
                keep(setting.name).setLevel(setting.level.level());
            }
        }
        return null;
    }

    private Logger keep(String name) {
        var logger = Logger.getLogger(name);
        kept.add(logger);
        return logger;
    }

    /// Waits a moment for what was logged to be written.
    public void flush() {
        writer.flush();
    }
}
