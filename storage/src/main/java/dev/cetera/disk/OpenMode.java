package dev.cetera.disk;

/// How a file is opened.
public enum OpenMode {
    /// Must exist; never written.
    READ,
    /// Must exist; read and written.
    WRITE,
    /// Made when absent; read and written.
    CREATE,
    /// Must be absent; read and written.
    CREATE_NEW
}
