package dev.cetera.lease;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.leasepb.Lease;
import java.nio.ByteBuffer;

/// One row of bucket `lease`: the id as a big-endian int64, and a `leasepb.Lease`.
public record LeaseRow(byte[] key, byte[] value) {
    static LeaseRow of(long id, long ttlSeconds) {
        return new LeaseRow(
                key(id), Lease.newBuilder().setID(id).setTTL(ttlSeconds).build().toByteArray());
    }

    /// The key under which a lease is stored.
    public static byte[] key(long id) {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    /// Reads the row back.
    ///
    /// @throws InvalidProtocolBufferException if the value is no lease, or not the one that the key names
    Lease decode() throws InvalidProtocolBufferException {
        var lease = Lease.parseFrom(value);
        if (key.length != Long.BYTES || ByteBuffer.wrap(key).getLong() != lease.getID()) {
            throw new InvalidProtocolBufferException("lease " + lease.getID() + " is stored under another key");
        }
        return lease;
    }
}
