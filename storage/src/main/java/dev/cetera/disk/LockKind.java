package dev.cetera.disk;

/// Which of the system's locks excludes the other user of a file; they do not see each other.
public enum LockKind {
    /// flock(2), as bbolt takes it on its database.
    FLOCK,
    /// A write lock on the whole file by fcntl(2), which conflicts with the open-file-description locks that
    /// etcd takes on its log segments.
    RECORD
}
