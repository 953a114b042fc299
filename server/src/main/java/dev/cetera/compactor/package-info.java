/// When a leader compacts of its own accord, and how far.
///
/// A [Compactor] only decides: it is shown the time and the current revision, and says to which revision
/// history is to be forgotten now. It has no thread and no clock; `node` asks it at every tick, proposes what
/// it says and reports how that went. [Periodic] keeps a span of time, [Trailing] a number of revisions.
@NullMarked
package dev.cetera.compactor;

import org.jspecify.annotations.NullMarked;
