/// Clients without a plan, whose every call and answer becomes a [dev.cetera.lab.history.History].
///
/// A [Workload] is all of them. It asks members through [Doors] that it is given, in time and order of the
/// [Stage] that it is given, by chance out of the random numbers that it is given, and by nothing else: the
/// same clients run in the simulator, where the same seed makes the same history, and against real processes.
/// A [Profile] says how many they are and what they do how often.
///
/// Confined: everything of a workload happens in one thread, or at least one after the other.
@NullMarked
package dev.cetera.lab.work;

import org.jspecify.annotations.NullMarked;
