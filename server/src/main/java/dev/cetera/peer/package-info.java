/// How members talk raft to each other: etcd's peer protocol over HTTP/1.1, in both directions.
///
/// Begin at [PeerTransport], the member's way out (it is the [dev.cetera.node.Link]) and the door for what
/// comes in: [RaftHandler] stands in the pipeline of the peer port and takes the paths under `/raft`. For each
/// other member there is a [Peer] with the channels that etcd has: two streams that this member reads
/// ([StreamReader]), two that it writes into when the other one has asked for them ([StreamWriter]), single
/// posts when there is no stream ([Pipeline]), a database with its message ([SnapshotSender]) and probes of
/// clock and round trip ([Prober]).
///
/// What members ask each other beside raft's messages goes by [PeerCalls], one request each, over connections
/// that are kept for the next one.
///
/// Nothing here waits on the caller's thread: a message goes into a bounded queue or is dropped, and is
/// encoded on the event loop of the connection that takes it.
@NullMarked
package dev.cetera.peer;

import org.jspecify.annotations.NullMarked;
