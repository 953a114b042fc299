/// The write-ahead log, in etcd's own format: what a member must remember before it may speak. Begin at [Wal].
/// Frames are made by `FrameBuffer` and read back by `RecordReader`; both carry one running checksum
/// (`RunningCrc`) over every record since the first segment. `LogReader` folds records into the state to start
/// from, `TailRepair` cuts off what a power loss left half-written, `SpareSegment` has the next file ready.
/// `WalCodec` knows the bytes of the log's own records, [dev.cetera.raftpb] those of raft's.
@NullMarked
package dev.cetera.wal;

import org.jspecify.annotations.NullMarked;
