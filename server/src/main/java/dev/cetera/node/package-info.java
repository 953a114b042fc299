/// A member at work: raft, the write-ahead log, the state machine and the backend, each driven by one loop.
///
/// Begin at [Engine], which wires the four loops and has no thread of its own: [Member] gives each a thread
/// and a clock, the simulator turns them one by one from a seed. [Boot] opens the data directory, or makes it:
/// [Founding] and [Joining] say who a new member is.
///
/// What a request goes through: [Proposer] and [Reads] take it in, [RaftLoop] puts it to raft, [WalWriter],
/// [Applier] and [Committer] do the rest; [AfterRaft] and its sisters hand on from loop to loop. [Arrivals]
/// lets other members' messages in, [Link] takes ours there. [Duties] are what a member does of its own
/// accord. [Node] is the one face that the gRPC and HTTP services see.
///
/// Questions beside raft's messages go both ways: [Peers] asks other members, [Inquiries] answers them.
@NullMarked
package dev.cetera.node;

import org.jspecify.annotations.NullMarked;
