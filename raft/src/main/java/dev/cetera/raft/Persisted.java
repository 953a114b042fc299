package dev.cetera.raft;

/// The receipt of one [Ready.Write]; it is handed back as it was received, once that write and all before it
/// are durable.
///
/// @param term     the machine's term at the write
/// @param index    the last index of the log at the write
/// @param sequence counts the writes of one machine from 1; reporting one reports all before it
public record Persisted(long term, long index, long sequence) {}
