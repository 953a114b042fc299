package dev.cetera.entry;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.Request;

/// The data of a normal log entry, understood.
public sealed interface EntryPayload {
    /// Nothing: the first entry of a leader's term.
    record Empty() implements EntryPayload {}

    record V3(InternalRaftRequest request) implements EntryPayload {
        /// The number under which its proposer waits for it; 0 for none.
        public long id() {
            return request.getID() != 0 ? request.getID() : request.getHeader().getID();
        }
    }

    record V2(Request request) implements EntryPayload {}

    /// Reads the data of an entry.
    ///
    /// Neither kind carries a mark. Like etcd: it is a v3 request if it reads strictly as one, else a v2
    /// request if it reads strictly as that. A v3 request's own v2 field, which nobody writes, is unwrapped.
    ///
    /// @throws InvalidProtocolBufferException if it is neither: the log is damaged or comes from another
    /// program
    static EntryPayload decode(byte[] data) throws InvalidProtocolBufferException {
        if (data.length == 0) {
            return new Empty();
        }
        if (StrictWire.V3.accepts(data)) {
            // Protobuf's own limit is what it lets clients nest in a request, which here is in a message itself.
            var in = CodedInputStream.newInstance(data);
            in.setRecursionLimit(StrictWire.MAX_DEPTH);
            var request = InternalRaftRequest.parser().parseFrom(in);
            return request.hasV2() ? new V2(request.getV2()) : new V3(request);
        }
        if (StrictWire.V2.accepts(data)) {
            return new V2(Request.parseFrom(data));
        }
        throw new InvalidProtocolBufferException("an entry holds neither a v3 nor a v2 request");
    }
}
