/// The JSON gateway: the services of the client port for those who have no gRPC, one POST a call, under
/// `/v3beta` and `/v3alpha` as in etcd 3.3 and under `/v3` as newer clients ask.
///
/// [Gateway] makes the handler of a connection, which makes an [Exchange] of each request: its body is cut
/// into JSON values ([JsonSplitter]), they become messages ([RequestReader]) and go to the service by a call
/// within the member; what the service answers is written as JSON straight from its bytes ([AnswerWriter],
/// [Reply]). What the releases do differently is in [Dialect], the paths are in [Routes]. A client that asks
/// for a web socket goes on with a [SocketHandler], for which the messages of the socket are the body.
@NullMarked
package dev.cetera.gateway;

import org.jspecify.annotations.NullMarked;
