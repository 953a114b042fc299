/// Consensus as a pure machine: inputs go in, a "ready" value comes out, nothing else is touched.
/// Bytes handed in are never modified afterwards, by anyone.
/// No threads, clocks, files, sockets or loggers live here; the member around it supplies them.
@NullMarked
package dev.cetera.raft;

import org.jspecify.annotations.NullMarked;
