/// What clients show instead of a password, once they have shown that. Begin at [Tokens].
///
/// [SimpleTokens] are drawn by one member, go through the log and are known to all; they live in memory and
/// end when nobody uses them. [SignedTokens] are JSON Web Tokens, which need no memory: whoever has the public
/// key can read them. [TokenOptions] reads the flag that says which.
@NullMarked
package dev.cetera.token;

import org.jspecify.annotations.NullMarked;
