package dev.cetera.wal;

/// The numbers of walpb's record types.
final class RecordType {
    static final int METADATA = 1;
    static final int ENTRY = 2;
    static final int STATE = 3;
    /// Carries the running checksum over from the segment before; has no data.
    static final int CRC = 4;

    static final int SNAPSHOT = 5;

    private RecordType() {}
}
