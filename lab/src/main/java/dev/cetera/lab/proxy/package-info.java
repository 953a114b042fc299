/// A network between processes of this machine that can be made worse: TCP proxies that hold back, slow down,
/// cut off and break what goes through them.
///
/// Begin at [Network]: who may speak to whom, and how well. A [Proxy] stands in front of one port of a server,
/// a [Line] is one connection through it, with a [Way] for the bytes of each direction. Requests between
/// members name their sender ([Sniffer]), so that single pairs can be parted, in one direction only, too.
///
/// TCP loses no bytes, and so nothing is dropped: what can't pass waits, as it would in the buffers of the
/// kernels, and arrives late; or the connection ends and nobody knows how far it came.
@NullMarked
package dev.cetera.lab.proxy;

import org.jspecify.annotations.NullMarked;
