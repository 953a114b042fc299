package dev.cetera.client.transport;

import io.grpc.Status;
import java.io.IOException;

/// Why a call ended without its answer.
///
/// @param origin who ended it
/// @param sent whether the request may have reached a member
public record CallFailure(Status status, Origin origin, boolean sent) {
    /// Who ended the call.
    public enum Origin {
        /// The member, or the way to it.
        REMOTE,
        /// The caller's time ran out.
        DEADLINE,
        /// The caller gave up.
        CANCELED,
        /// The client was closed.
        CLOSED,
        /// A message over one of the limits of this side.
        LIMIT
    }

    /// How gRPC's words begin for a stream that ended by a frame of HTTP/2 instead of a status.
    private static final String CUT_OFF = "RST_STREAM closed stream.";

    static final CallFailure CLOSED = new CallFailure(
            Status.CANCELLED.withDescription("grpc: the client connection is closing"), Origin.CLOSED, false);

    static CallFailure deadline(boolean sent) {
        return new CallFailure(
                Status.DEADLINE_EXCEEDED.withDescription("context deadline exceeded"), Origin.DEADLINE, sent);
    }

    static CallFailure canceled(boolean sent) {
        return new CallFailure(Status.CANCELLED.withDescription("context canceled"), Origin.CANCELED, sent);
    }

    /// The status under its right name: gRPC tells of a connection that was closed while something was written
    /// to it as of an unknown error, and of a stream that a member cut off, as some do when they end, as if
    /// this side had given up. A member's own errors come without a cause.
    static Status named(Status told) {
        if (told.getCode() == Status.Code.UNKNOWN && told.getCause() instanceof IOException) {
            return Status.UNAVAILABLE.withDescription(told.getDescription()).withCause(told.getCause());
        }
        if (told.getCode() == Status.Code.CANCELLED
                && told.getDescription() != null
                && told.getDescription().startsWith(CUT_OFF)) {
            return Status.UNAVAILABLE.withDescription(told.getDescription());
        }
        return told;
    }

    public String text() {
        var description = status.getDescription();
        if (description != null) {
            return description;
        }
        var cause = status.getCause();
        return cause == null ? status.getCode().name() : String.valueOf(cause.getMessage());
    }
}
