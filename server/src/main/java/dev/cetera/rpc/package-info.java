/// The gRPC services, in front of a [dev.cetera.node.Node].
///
/// A request is parsed and checked on the event loop that received it ([Incoming], [Checks]), handed to the
/// node, and answered from whatever thread the node answers on ([Unary]). [Services] lists what is served;
/// [Counted] stands before each method. Range answers go to the wire in the bytes they are stored in
/// ([RangeReply]), long ones in pieces through the connection's [Outlet] ([LongReply]).
@NullMarked
package dev.cetera.rpc;

import org.jspecify.annotations.NullMarked;
