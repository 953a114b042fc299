/// Real server processes on free ports with directories of their own: a [Program] is what to start, a [Member]
/// one process of it that can be stopped, killed, frozen and started again (by another program too: that is an
/// upgrade).
///
/// A [Cluster] is several of them. [Writers] and [Watching] use it all the time and know at the end whether
/// every promise was kept.
///
/// Ends only processes that it started, each by its own id.
@NullMarked
package dev.cetera.lab.cluster;

import org.jspecify.annotations.NullMarked;
