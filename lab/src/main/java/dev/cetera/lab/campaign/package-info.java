/// Real processes in real trouble: begin at [Campaign].
///
/// The simulator tries more, and faster; this tries what the simulator replaces: sockets, the kernel, the JVM,
/// the clock. A [Round] is one cluster: clients ([dev.cetera.lab.work.Workload]) use it through a
/// [dev.cetera.lab.proxy.Network] that is troubled by [NetworkFaults], while [ProcessFaults],
/// [SnapshotFaults], [DiskFaults] and [ClockFaults] strike its members; then all heals, everything must get
/// done, and the recorded history is judged by [dev.cetera.lab.check.Checks].
///
/// One seed gives one order of faults and one plan of the clients, though never the same timing twice.
@NullMarked
package dev.cetera.lab.campaign;

import org.jspecify.annotations.NullMarked;
