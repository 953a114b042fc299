package dev.cetera.rpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/// The connection that a call came by, for an answer that is too long for gRPC: gRPC takes a message as a
/// whole and keeps all of it until the client reads, an outlet asks for a piece when there is room for one.
///
/// Shared: any thread may call [#send]; a [Source] is asked for one piece after the other.
public interface Outlet {
    /// Where a call has it among its attributes.
    Attributes.Key<Outlet> KEY = Attributes.Key.create("cetera-outlet");

    /// One message in pieces.
    interface Source {
        /// Makes the next piece, on a thread where that may take its time.
        ///
        /// @param bytes as long as there is room for; what can't be cut may be longer
        /// @param taker told once
        void next(int bytes, Taker taker);

        /// The whole message has been given to the connection: the call may be closed.
        void sent();

        /// The client is gone, or does not read: nothing more is wanted. Not told after [#sent].
        void dropped();
    }

    /// Gets a piece.
    interface Taker {
        /// There is one.
        ///
        /// @param piece never empty, not changed afterwards
        /// @param last  of the message
        void piece(byte[] piece, int length, boolean last);

        /// There is no next piece, though the message is not complete: the call is cut off.
        void none();
    }

    /// The stream of the call that is just beginning on this thread, 0 for none: for those who are in
    /// [io.grpc.ServerCallHandler#startCall].
    int beginning();

    /// Sends a message on a stream, behind the headers that gRPC has sent on it or is about to send. Nothing
    /// else is sent on it by gRPC until [Source#sent].
    ///
    /// @param size of the message; what the source gives must come to as much
    void send(int stream, int size, Source source);

    /// Bytes of answers that gRPC has been given and has not sent yet, more or, when negative, fewer. Those
    /// that are counted here hold back [#whenRoom].
    void unsent(int change);

    /// Runs something on the event loop, which is where the caller is, that will make for an answer of some
    /// size: at once, or when this connection has taken enough of those before.
    void whenRoom(Runnable call);

    /// Of a call; null when it comes from within the member.
    static @Nullable Outlet of(ServerCall<?, ?> call) {
        return call.getAttributes().get(KEY);
    }
}
