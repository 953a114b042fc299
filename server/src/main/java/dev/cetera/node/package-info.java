/// A member at work: raft, the write-ahead log, the state machine and the backend, each driven by one loop.
///
/// Begin at [Engine], which wires the four loops and has no thread of its own: [Member] gives each a thread
/// and a clock, the simulator turns them one by one from a seed. [Boot] opens (or makes) the data directory.
/// [Node] is the one face that the gRPC and HTTP services see.
@NullMarked
package dev.cetera.node;

import org.jspecify.annotations.NullMarked;
