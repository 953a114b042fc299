package dev.cetera.wal;

/// Where the lines about opening a log go; the texts are etcd's.
@FunctionalInterface
public interface RepairLog {
    void line(System.Logger.Level level, String text);
}
