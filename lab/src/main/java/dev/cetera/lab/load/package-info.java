/// The load generator: how fast a server is, how evenly, and at what cost.
///
/// Begin at [Bench], the command. A [Workload] says what is asked; its [Load] keeps a number of clients
/// asking, each with one request in flight; the [Meter] counts and times the answers; a [Trial] puts one load
/// on one server and makes a [Result] of it; [Report] and [Plot] show the results.
///
/// Server and generator share a machine, so the generator is built to cost little: requests are byte templates
/// in which only the key is exchanged ([Template]), responses are measured but not decoded, and everything
/// runs on the transport's threads.
@NullMarked
package dev.cetera.lab.load;

import org.jspecify.annotations.NullMarked;
