package dev.cetera.client.transport;

import io.grpc.Status;
import java.util.regex.Pattern;

/// Messages over a limit, in the words that etcd's users know.
final class Limits {
    private static final Pattern TOO_LARGE = Pattern.compile("exceeds maximum size (\\d+): (\\d+)");

    private Limits() {}

    static CallFailure tooLargeToSend(int size, int limit) {
        return new CallFailure(
                Status.RESOURCE_EXHAUSTED.withDescription(
                        "grpc: trying to send message larger than max (" + size + " vs. " + limit + ")"),
                CallFailure.Origin.LIMIT,
                false);
    }

    /// The status as a failure; what gRPC says of an answer that is too large is put into Go's words.
    static CallFailure received(Status status, boolean sent) {
        if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && status.getDescription() != null) {
            var match = TOO_LARGE.matcher(status.getDescription());
            if (match.find()) {
                var text = "grpc: received message larger than max (" + match.group(2) + " vs. " + match.group(1) + ")";
                return new CallFailure(status.withDescription(text), CallFailure.Origin.LIMIT, sent);
            }
        }
        return new CallFailure(status, CallFailure.Origin.REMOTE, sent);
    }
}
