/// Encrypted connections, as the two sides of a member need them: [ServerTls] for those that are accepted,
/// [ClientTls] for those that are opened. Both live on [Material], which is read from the operator's files
/// ([Pem], [Identity], [Revocations]) and read again when those change ([Watched]).
///
/// [PeerAddresses] looks at what a certificate says of the address behind it, [SelfSigned] makes a certificate
/// where none is given, [GoCiphers] and [Reasons] know the names and texts by which Go programs call things.
@NullMarked
package dev.cetera.tls;

import org.jspecify.annotations.NullMarked;
