/// Whole members in one thread, on disks, clocks, a network and an order of events that come from one seed.
///
/// [Simulation] runs random requests against a member ([dev.cetera.node.Engine] on a `FakeDisk`), cuts its
/// power at any write or sync, starts it again and compares it with [Model], a store that nobody has to
/// restart or to wait for: all that was acknowledged is there, nothing is there by halves, hash and revision
/// agree.
///
/// [ClusterSimulation] does that to a cluster. `Timeline` is true time; each `Host` has a disk, a clock and a
/// pace of its own; the `Network` loses, delays, doubles and reorders; `Troubles` befall all of them, and
/// operators add and remove members meanwhile. `Invariants` are looked at after every step, from outside: by
/// the messages that leave and by the logs as they stand on the disks (`LogView`). `Truth` is the one log that
/// all must agree on, with the state and the answers that follow from it by the model; `Clients` and
/// `Leaseholders` hold the members to what they were told. In the end the troubles are over, and all must be
/// well again within a bounded time. [Sabotage] breaks a cluster on purpose, to see that it is noticed.
///
/// A failing seed says how to replay it, and what happened last.
@NullMarked
package dev.cetera.lab.sim;

import org.jspecify.annotations.NullMarked;
