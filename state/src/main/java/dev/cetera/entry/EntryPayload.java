package dev.cetera.entry;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.Request;
import java.io.IOException;

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
            var request = parse(data);
            return request.hasV2() ? new V2(request.getV2()) : new V3(request);
        }
        if (StrictWire.V2.accepts(data)) {
            return new V2(Request.parseFrom(data));
        }
        throw new InvalidProtocolBufferException("an entry holds neither a v3 nor a v2 request");
    }

    private static InternalRaftRequest parse(byte[] data) throws InvalidProtocolBufferException {
        try {
            return InternalRaftRequest.parser().parseFrom(limited(data));
        } catch (InvalidProtocolBufferException unreadable) {
            // The names of a user or a role are text to us, and any bytes to Go, which proposes such a question for
            // whoever asks it. There is nobody of that name, and nothing to change.
            return asksOnly(data, unreadable);
        }
    }

    /// Protobuf's own limit is what it lets clients nest in a request, which here is in a message itself.
    private static CodedInputStream limited(byte[] data) {
        var in = CodedInputStream.newInstance(data);
        in.setRecursionLimit(StrictWire.MAX_DEPTH);
        return in;
    }

    /// A question about a user or a role, without the name.
    ///
    /// @throws InvalidProtocolBufferException when it is none
    private static InternalRaftRequest asksOnly(byte[] data, InvalidProtocolBufferException unreadable)
            throws InvalidProtocolBufferException {
        try {
            var in = CodedInputStream.newInstance(data);
            var request = InternalRaftRequest.newBuilder();
            boolean asks = false;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case InternalRaftRequest.HEADER_FIELD_NUMBER ->
                        in.readMessage(request.getHeaderBuilder(), ExtensionRegistryLite.getEmptyRegistry());
                    case InternalRaftRequest.AUTH_USER_GET_FIELD_NUMBER -> {
                        in.skipField(tag);
                        request.setAuthUserGet(AuthUserGetRequest.getDefaultInstance());
                        asks = true;
                    }
                    case InternalRaftRequest.AUTH_ROLE_GET_FIELD_NUMBER -> {
                        in.skipField(tag);
                        request.setAuthRoleGet(AuthRoleGetRequest.getDefaultInstance());
                        asks = true;
                    }
                    default -> throw unreadable;
                }
            }
            if (!asks) {
                throw unreadable;
            }
            return request.build();
        } catch (IOException _) {
            throw unreadable;
        }
    }
}
