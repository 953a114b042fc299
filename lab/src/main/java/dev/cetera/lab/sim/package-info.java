/// Whole members in one thread, on disks, clocks, a network and an order of events that come from one seed.
///
/// [Simulation] runs random requests against a member ([dev.cetera.node.Engine] on a `FakeDisk`), cuts its
/// power at any write or sync, starts it again and compares it with `Model`, a store that nobody has to
/// restart or to wait for: all that was acknowledged is there, nothing is there by halves, hash and revision
/// agree.
///
/// [ClusterSimulation] does that to a cluster of any size. `Timeline` is true time; each `Host` has a disk, a
/// clock and a pace of its own; the `Network` between members loses, delays, doubles and reorders. Clients are
/// a [dev.cetera.lab.work.Workload]: they ask the gRPC services of the members (`Serving`) through a
/// `SimChannel`, byte for byte, and calls break as calls do. `Troubles` befall all of them, `Operators` look
/// after the cluster meanwhile, and `Rot` damages disks. A defragmentation is a `Strand`: a thread that moves
/// only when it is told to.
///
/// Two judges know nothing of each other. `Invariants` are looked at after every step, from outside: by the
/// messages that leave and by the logs as they stand on the disks (`LogView`); `Truth` is the one log that all
/// must agree on, with the state and the answers that follow from it. The other one only knows what clients
/// did and were told, and has the checkers of [dev.cetera.lab.check] look at that when all is over: in the end
/// the troubles stop, and all must be well again within a bounded time (`Verdict`). [Sabotage] breaks a
/// cluster on purpose, to see that it is noticed.
///
/// `Seeds` runs many of them on all processors. A failing seed leaves `SimEvidence`, and says how to replay
/// it.
@NullMarked
package dev.cetera.lab.sim;

import org.jspecify.annotations.NullMarked;
