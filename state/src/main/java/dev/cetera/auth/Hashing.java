package dev.cetera.auth;

import com.google.protobuf.ByteString;

/// Makes and checks password hashes. An argument, because a good hash is slow and needs chance, and a
/// simulation has neither to spare.
public interface Hashing {
    /// The hash in the text form that is stored. Takes tens of milliseconds where it is done in earnest.
    ByteString hash(String password);

    /// Whether a password belongs to a stored hash; false for what is no hash. As slow as [#hash].
    boolean matches(ByteString hash, String password);

    /// A password that nobody knows and nobody can guess.
    String unknowable();
}
