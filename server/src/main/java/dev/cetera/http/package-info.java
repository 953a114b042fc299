/// The ports of a member. [DualPort] carries gRPC and plain HTTP on one socket, for clients or for other
/// members: [Sniffer] looks at the first bytes of a connection and builds the pipeline that fits. [HttpPort]
/// carries HTTP alone. Where TLS is served, [Entrance] and [Admission] stand before them, and [Streams] and
/// [PageStream] serve pages over HTTP/2 as well. [Outflow] sends what is too long for gRPC. [Pages] says what
/// is served there, [PeerPages] what other members read.
///
/// All ports are bound before the member starts, so that an address in use is found before anything is
/// written, and hold their connections until there is something to serve ([Gate]). Other members hear
/// [Pages#early] until then.
@NullMarked
package dev.cetera.http;

import org.jspecify.annotations.NullMarked;
