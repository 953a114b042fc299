/// Real processes, killed and frozen at random under load: begin at [Campaign].
///
/// The simulator tries more, and faster; this tries what the simulator replaces: sockets, the kernel, the JVM,
/// the clock. One seed gives one order of faults, though never the same timing twice.
@NullMarked
package dev.cetera.lab.campaign;

import org.jspecify.annotations.NullMarked;
