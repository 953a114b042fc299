/// Raft's records as bytes: [RaftCodec] is the one place that knows etcd's raftpb. The log, the snapshot files
/// and whoever reads an entry share it. [ProtoReader] and [ProtoWriter] are the wire format below it, without
/// generated classes, because every entry and every record of the log passes through here.
@NullMarked
package dev.cetera.raftpb;

import org.jspecify.annotations.NullMarked;
