/// Whole members in one thread, on a disk, a clock and an order of events that come from one seed.
///
/// [Simulation] runs random requests against a member ([dev.cetera.node.Engine] on a `FakeDisk`), cuts its
/// power at any write or sync, starts it again and compares it with [Model], a store that nobody has to
/// restart or to wait for: all that was acknowledged is there, nothing is there by halves, hash and revision
/// agree. A failing seed says how to replay it.
@NullMarked
package dev.cetera.lab.sim;

import org.jspecify.annotations.NullMarked;
