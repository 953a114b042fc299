/// Consensus as a pure machine: inputs go in, a [Ready] comes out, nothing else is touched.
///
/// Begin at [Raft]. [Inspection] looks at what arrives. [Log] holds the entries since the last snapshot,
/// [Intake] takes in what a leader sends of them, [Writes] knows what of them is durable, [State] is what a
/// member is in its term, [Leader] feeds its [Peer]s, each in one mode of [Replication], and counts by the
/// rules of [Membership] and [Quorum]. [Reads] are confirmed without touching the log.
///
/// The rules are those of the Raft paper and thesis with what etcd adds to them: a member that hears from a
/// leader ignores candidates, a leader that hears from no quorum steps down, and a configuration counts from
/// the moment when its entry is applied. Section numbers (§) are the paper's. Unlike in the paper, writing
/// takes time: a write is handed out, and its receipt is an input that comes later. A leader sends entries
/// while its own disk still works on them, and counts itself only when it is done. Votes and acknowledgements
/// wait for the disk.
///
/// Bytes handed in are never modified afterwards, by anyone.
/// No threads, clocks, files, sockets or loggers live here; the member around it supplies them.
@NullMarked
package dev.cetera.raft;

import org.jspecify.annotations.NullMarked;
