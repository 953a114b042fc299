package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import dev.cetera.auth.Hashing;

/// No hashing at all: good hashes take more time than a simulation has, and chance that does not come from its
/// seed.
enum PlainHashing implements Hashing {
    INSTANCE;

    @Override
    public ByteString hash(String password) {
        return ByteString.copyFromUtf8("plain " + password);
    }

    @Override
    public boolean matches(ByteString hash, String password) {
        return hash.equals(hash(password));
    }

    @Override
    public String unknowable() {
        return "unknowable";
    }
}
