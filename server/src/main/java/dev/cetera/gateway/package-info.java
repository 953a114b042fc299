/// The JSON gateway: the services of the client port for those who have no gRPC, one POST a call, under
/// `/v3beta` and `/v3alpha` as in etcd 3.3 and under `/v3` as newer clients ask.
///
/// [Gateway] makes the handlers of one connection.
@NullMarked
package dev.cetera.gateway;

import org.jspecify.annotations.NullMarked;
