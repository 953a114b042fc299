/// Calls to members whose answers are kept as they came: [Rpc] is the client's transport with etcdctl's words
/// for what fails.
@NullMarked
package dev.cetera.ctl.rpc;

import org.jspecify.annotations.NullMarked;
