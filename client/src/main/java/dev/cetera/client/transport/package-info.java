/// How a request gets to a member: one connection for each endpoint, turns over those that are up, and the
/// rules for asking again. Begin at [Transport]. [Endpoint] holds one connection and finds out when it hangs,
/// [Balancer] picks, [UnaryCall] is one request with all its attempts, [StreamCall] one stream, [Tokens] the
/// login, [Security] TLS. Knows messages only as such; failures leave as a [CallFailure], which the package
/// above puts in public words.
@NullMarked
package dev.cetera.client.transport;

import org.jspecify.annotations.NullMarked;
