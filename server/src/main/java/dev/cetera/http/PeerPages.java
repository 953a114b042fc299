package dev.cetera.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.leasepb.LeaseInternalRequest;
import dev.cetera.api.leasepb.LeaseInternalResponse;
import dev.cetera.cluster.Member;
import dev.cetera.logs.Log;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What other members read here, in the forms of etcd 3.3 and of what later releases added. Shared.
final class PeerPages {
    private static final Log LOG = Log.of("etcdserver/api/etcdhttp");
    private static final String PROMOTE = "/members/promote/";
    private static final String CLUSTER_ID = "X-Etcd-Cluster-Id";

    private final Node node;

    private PeerPages(Node node) {
        this.node = node;
    }

    static Map<String, Pages.Page> of(Node node) {
        var pages = new PeerPages(node);
        return Map.of(
                "/members",
                pages::members,
                "/members/hashkv",
                pages::hashKv,
                PROMOTE,
                pages::promote,
                "/leases",
                pages::renew,
                "/leases/internal",
                pages::timeToLive);
    }

    private String clusterId() {
        return Long.toHexString(node.clusterId());
    }

    // ---- members ----

    private void members(Request request, Consumer<Reply> reply) {
        reply.accept(
                request.method().equals("GET")
                        ? list(node.members()).with(CLUSTER_ID, clusterId())
                        : Reply.notAllowed("GET"));
    }

    private static Reply list(List<Member> members) {
        return Reply.json(members.stream().map(Member::json).collect(Collectors.joining(",", "[", "]\n")));
    }

    private void promote(Request request, Consumer<Reply> reply) {
        if (!request.method().equals("POST")) {
            reply.accept(Reply.notAllowed("POST"));
            return;
        }
        Consumer<Reply> named = answer -> reply.accept(answer.with(CLUSTER_ID, clusterId()));
        var text = request.path().substring(PROMOTE.length());
        long id;
        try {
            id = unsigned(text);
        } catch (NumberFormatException malformed) {
            named.accept(Reply.error(404, "member " + text + " not found in cluster"));
            return;
        }
        node.memberPromote(MemberPromoteRequest.newBuilder().setID(id).build(), new Answer<>() {
            @Override
            public void done(MemberPromoteResponse response) {
                named.accept(list(node.members()));
            }

            @Override
            public void refused(Refusal why) {
                LOG.error("error promoting member " + Long.toHexString(id) + " (" + why.text() + ")");
                named.accept(
                        switch (why) {
                            case MEMBER_NOT_FOUND -> Reply.error(404, "membership: ID not found");
                            case MEMBER_NOT_LEARNER ->
                                Reply.error(412, "membership: can only promote a learner member");
                            case LEARNER_NOT_READY -> Reply.error(412, why.text());
                            default -> Reply.of(500, Reply.JSON, "{\"message\":\"Internal Server Error\"}");
                        });
            }
        });
    }

    /// As Go reads decimals: digits alone, no sign.
    private static long unsigned(String text) {
        if (text.startsWith("+")) {
            throw new NumberFormatException(text);
        }
        return Long.parseUnsignedLong(text);
    }

    // ---- leases ----

    private void renew(Request request, Consumer<Reply> reply) {
        if (!request.method().equals("POST")) {
            reply.accept(leasesNotAllowed());
            return;
        }
        long lease;
        try {
            lease = LeaseKeepAliveRequest.parseFrom(request.body()).getID();
        } catch (InvalidProtocolBufferException malformed) {
            reply.accept(unreadable());
            return;
        }
        onceCaughtUp(
                reply,
                () -> node.renewAsPrimary(lease, new Answer<>() {
                    @Override
                    public void done(Long ttlSeconds) {
                        if (ttlSeconds == 0) {
                            reply.accept(noSuchLease());
                            return;
                        }
                        var response =
                                LeaseKeepAliveResponse.newBuilder().setID(lease).setTTL(ttlSeconds);
                        reply.accept(
                                new Reply(200, Reply.PROTOBUF, response.build().toByteString(), Map.of()));
                    }

                    @Override
                    public void refused(Refusal why) {
                        reply.accept(Reply.error(400, why == Refusal.NOT_LEADER ? "not a primary lessor" : why.text()));
                    }
                }));
    }

    private void timeToLive(Request request, Consumer<Reply> reply) {
        if (!request.method().equals("POST")) {
            reply.accept(leasesNotAllowed());
            return;
        }
        LeaseInternalRequest asked;
        try {
            asked = LeaseInternalRequest.parseFrom(request.body());
        } catch (InvalidProtocolBufferException malformed) {
            reply.accept(unreadable());
            return;
        }
        onceCaughtUp(reply, () -> {
            var found = node.timeToLiveHere(asked.getLeaseTimeToLiveRequest());
            if (found.getGrantedTTL() == 0) {
                reply.accept(noSuchLease());
                return;
            }
            var response = LeaseInternalResponse.newBuilder()
                    .setLeaseTimeToLiveResponse(found.toBuilder().setHeader(ResponseHeader.getDefaultInstance()));
            reply.accept(new Reply(200, Reply.PROTOBUF, response.build().toByteString(), Map.of()));
        });
    }

    private void onceCaughtUp(Consumer<Reply> reply, Runnable then) {
        node.caughtUp(new Answer<>() {
            @Override
            public void done(Long applied) {
                then.run();
            }

            @Override
            public void refused(Refusal why) {
                reply.accept(Reply.error(408, "waiting for node to catch up its applied index has timed out"));
            }
        });
    }

    /// Without the methods that would be allowed, as etcd has it here.
    private static Reply leasesNotAllowed() {
        return Reply.error(405, "Method Not Allowed");
    }

    private static Reply unreadable() {
        return Reply.error(400, "error unmarshalling request");
    }

    private static Reply noSuchLease() {
        return Reply.error(404, "lease not found");
    }

    // ---- the hash of the keys ----

    private void hashKv(Request request, Consumer<Reply> reply) {
        if (!request.method().equals("GET")) {
            reply.accept(Reply.notAllowed("GET"));
            return;
        }
        var cluster = request.headers().get(CLUSTER_ID);
        if (cluster != null && !cluster.equals(clusterId())) {
            reply.accept(Reply.error(412, "cluster ID mismatch"));
            return;
        }
        long revision;
        try {
            revision = revision(request.body().toStringUtf8());
        } catch (NumberFormatException malformed) {
            reply.accept(unreadable());
            return;
        }
        node.hashKv(revision, new Answer<>() {
            @Override
            public void done(HashKVResponse hash) {
                reply.accept(Reply.json(json(hash, node.revision())).with(CLUSTER_ID, clusterId()));
            }

            @Override
            public void refused(Refusal why) {
                // Here the text is the store's own, without the prefix that clients know it by.
                reply.accept(Reply.error(400, why.text().replaceFirst("^etcdserver: mvcc: ", "mvcc: ")));
            }
        });
    }

    /// Of `{"revision":N}`; 0 when it says nothing of it.
    ///
    /// @throws NumberFormatException when it is something else
    private static long revision(String json) {
        var reader = new JsonReader(new StringReader(json));
        reader.setStrictness(Strictness.STRICT);
        JsonElement asked;
        try {
            if (json.isBlank()) {
                throw new NumberFormatException("unexpected end of JSON input");
            }
            asked = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new NumberFormatException("something follows");
            }
        } catch (JsonParseException | IOException malformed) {
            throw new NumberFormatException(malformed.getMessage());
        }
        var revision = asked instanceof JsonObject object ? object.get("revision") : null;
        if (asked.isJsonNull() || (asked.isJsonObject() && (revision == null || revision.isJsonNull()))) {
            return 0;
        }
        if (!(revision instanceof JsonPrimitive number) || !number.isNumber()) {
            throw new NumberFormatException("not a number");
        }
        return Long.parseLong(number.getAsString());
    }

    private static String json(HashKVResponse hash, long revision) {
        var out =
                new StringBuilder("{\"header\":{\"revision\":").append(revision).append('}');
        if (hash.getHash() != 0) {
            out.append(",\"hash\":").append(Integer.toUnsignedString(hash.getHash()));
        }
        if (hash.getCompactRevision() != 0) {
            out.append(",\"compact_revision\":").append(hash.getCompactRevision());
        }
        return out.append('}').toString();
    }
}
