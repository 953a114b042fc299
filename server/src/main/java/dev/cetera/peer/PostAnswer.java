package dev.cetera.peer;

import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/// How a sender reads the answer to something it posted.
final class PostAnswer {
    static final String REMOVED = "the member has been permanently removed from the cluster";

    static final String INCOMPATIBLE = "incompatible version";
    static final String OTHER_CLUSTER = "cluster ID mismatch";

    private PostAnswer() {}

    /// Null when the message arrived, else why it did not.
    static @Nullable String failure(
            Caller.Outcome.Answered answer, PeerUrl url, String path, long to, Surroundings around) {
        return switch (answer.status()) {
            case 204 -> null;
            case 403 -> REMOVED;
            case 412 -> precondition(answer, to, around, "remote");
            default ->
                "unexpected http status "
                        + HttpResponseStatus.valueOf(answer.status()).reasonPhrase() + " while posting to \"" + url
                        + path + "\"";
        };
    }

    /// @param role what the log calls the other member: `remote` for posts, `peer` for streams
    static String precondition(Caller.Outcome.Answered answer, long to, Surroundings around, String role) {
        var text = line(answer.body());
        switch (text) {
            case INCOMPATIBLE ->
                around.log()
                        .error("request sent was ignored by peer " + Long.toHexString(to)
                                + " (server version incompatible)");
            case OTHER_CLUSTER ->
                around.log()
                        .error("request sent was ignored (cluster ID mismatch: " + role + "[" + Long.toHexString(to)
                                + "]="
                                + answer.clusterId() + ", local="
                                + Long.toHexString(around.inbound().clusterId()) + ")");
            default -> {
                return "unhandled error \"" + answer.body().replace("\n", "\\n") + "\" when precondition failed";
            }
        }
        return text;
    }

    /// Without the line end that goes with it.
    static String line(String body) {
        return body.endsWith("\n") ? body.substring(0, body.length() - 1) : body;
    }
}
