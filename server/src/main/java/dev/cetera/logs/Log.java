package dev.cetera.logs;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// A package's logger with all of etcd's levels; the texts are complete, nothing in them is replaced. Shared.
public final class Log {
    private final Logger logger;

    private Log(Logger logger) {
        this.logger = logger;
    }

    /// The logger of one of etcd's packages, `etcdserver/api/v3rpc` say.
    public static Log of(String etcdPackage) {
        return new Log(Logger.getLogger(etcdPackage));
    }

    public void critical(String text) {
        log(LogLevel.CRITICAL, text);
    }

    public void error(String text) {
        log(LogLevel.ERROR, text);
    }

    public void warning(String text) {
        log(LogLevel.WARNING, text);
    }

    public void notice(String text) {
        log(LogLevel.NOTICE, text);
    }

    public void info(String text) {
        log(LogLevel.INFO, text);
    }

    public void debug(String text) {
        log(LogLevel.DEBUG, text);
    }

    public boolean isDebug() {
        return logger.isLoggable(LogLevel.DEBUG.level());
    }

    private void log(LogLevel level, String text) {
        Level known = level.level();
        if (logger.isLoggable(known)) {
            var record = new LogRecord(known, text);
            record.setLoggerName(logger.getName());
            logger.log(record);
        }
    }
}
