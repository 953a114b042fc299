package dev.cetera.peer;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.leasepb.LeaseInternalRequest;
import dev.cetera.api.leasepb.LeaseInternalResponse;
import dev.cetera.cluster.Member;
import dev.cetera.http.Transport;
import dev.cetera.logs.Log;
import dev.cetera.node.PeerException;
import dev.cetera.node.Peers;
import dev.cetera.tls.ClientTls;
import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Questions to other members over HTTP/1.1 on the shared event loops, each within its time. The hash of keys
/// is also asked over gRPC, from members that know no other way ([HashCalls]).
///
/// Shared: any thread may call any method, and none blocks. Futures complete on an event loop; whoever goes on
/// there must not block either.
public final class PeerCalls implements Peers, AutoCloseable {
    private static final Log LOG = Log.of("etcdserver");
    private static final String PROTOBUF = "application/protobuf";

    private static final long MEMBERS_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long BASE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /// Of a page that tells a few things of each member.
    private static final int SMALL_ANSWER = 1 << 20;

    /// A lease may have very many keys.
    private static final int BIG_ANSWER = 64 << 20;

    /// Another member's text in an error of ours.
    private static final int SHOWN = 256;

    private final HttpCalls http;
    private final HashCalls hashes;
    private final long requestNanos;
    private final LongSupplier clusterId;

    /// @param tls            for connections to members whose URLs are `https` or `unixs`
    /// @param electionMillis the election timeout: it bounds how long is waited for a connection and an answer
    /// @param clusterId      this member's, told with the questions that name it; 0 while it is not known
    public PeerCalls(Transport transport, ClientTls tls, long electionMillis, LongSupplier clusterId) {
        long electionNanos = TimeUnit.MILLISECONDS.toNanos(electionMillis);
        this.http = new HttpCalls(transport, tls, TimeUnit.SECONDS.toNanos(1) + electionNanos);
        this.requestNanos = BASE_NANOS + 2 * electionNanos;
        this.hashes = new HashCalls(transport, tls, http, requestNanos);
        this.clusterId = clusterId;
    }

    // ---- before and beside the log ----

    @Override
    public CompletableFuture<Versions> versions(Member member) {
        return inOrder(
                member,
                url -> http.ask(get(url, "/version", BASE_NANOS))
                        .whenComplete((_, failed) -> {
                            if (failed != null) {
                                LOG.warning("failed to reach the peerURL(" + url + ") of member " + id(member.id())
                                        + " (" + reason(failed) + ")");
                            }
                        })
                        .thenApply(answered -> versions(answered, url, member)));
    }

    private static Versions versions(HttpCalls.Answered answered, String url, Member member) {
        try {
            var object = JsonParser.parseString(answered.text()).getAsJsonObject();
            return new Versions(
                    text(object.get("etcdserver")), text(object.get("etcdcluster")), text(object.get("program")));
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException malformed) {
            LOG.warning("failed to unmarshal the response body got from the peerURL(" + url + ") of member "
                    + id(member.id()) + " (not a version: " + shown(answered) + ")");
            throw failure("not a version: " + shown(answered));
        }
    }

    private static String text(@Nullable JsonElement field) {
        return field == null || field.isJsonNull() ? "" : field.getAsString();
    }

    /// The message of a failure is the whole line that etcd logs.
    @Override
    public CompletableFuture<ClusterView> members(String peerUrl) {
        return http.ask(get(peerUrl, "/members", MEMBERS_NANOS)).handle((answered, failed) -> {
            if (failed != null) {
                throw failure("could not get cluster response from " + peerUrl + ": " + reason(failed));
            }
            List<Member> members;
            try {
                members = Member.listFromJson(answered.text());
            } catch (IOException malformed) {
                throw failure("could not unmarshal cluster response: " + malformed.getMessage());
            }
            var cluster = answered.headers().get("X-Etcd-Cluster-Id");
            try {
                return new ClusterView(Long.parseUnsignedLong(cluster == null ? "" : cluster, 16), members);
            } catch (NumberFormatException malformed) {
                throw failure("could not parse the cluster ID from cluster res: strconv.ParseUint: parsing \""
                        + (cluster == null ? "" : cluster) + "\": invalid syntax");
            }
        });
    }

    // ---- the leader's ----

    @Override
    public CompletableFuture<Long> renew(Member leader, long lease) {
        var body = LeaseKeepAliveRequest.newBuilder().setID(lease).build().toByteString();
        return inOrder(
                leader,
                url -> http.ask(post(url, "/leases", body, SMALL_ANSWER))
                        .thenApply(answered -> renewed(answered, lease)));
    }

    private static long renewed(HttpCalls.Answered answered, long lease) {
        if (answered.status() == 404) {
            return 0;
        }
        requireLease(answered);
        LeaseKeepAliveResponse response;
        try {
            response = LeaseKeepAliveResponse.parseFrom(answered.body());
        } catch (InvalidProtocolBufferException malformed) {
            throw failure("lease: " + malformed.getMessage() + " data = \"" + shown(answered) + "\"");
        }
        if (response.getID() != lease) {
            throw failure("lease: renew id mismatch");
        }
        return response.getTTL();
    }

    @Override
    public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(Member leader, LeaseTimeToLiveRequest request) {
        var body = LeaseInternalRequest.newBuilder()
                .setLeaseTimeToLiveRequest(request)
                .build()
                .toByteString();
        int maxAnswer = request.getKeys() ? BIG_ANSWER : SMALL_ANSWER;
        return inOrder(
                leader,
                url -> http.ask(post(url, "/leases/internal", body, maxAnswer))
                        .thenApply(answered -> left(answered, request.getID())));
    }

    private static LeaseTimeToLiveResponse left(HttpCalls.Answered answered, long lease) {
        if (answered.status() == 404) {
            return LeaseTimeToLiveResponse.newBuilder().setID(lease).setTTL(-1).build();
        }
        requireLease(answered);
        LeaseTimeToLiveResponse response;
        try {
            response = LeaseInternalResponse.parseFrom(answered.body()).getLeaseTimeToLiveResponse();
        } catch (InvalidProtocolBufferException malformed) {
            throw failure("lease: " + malformed.getMessage() + " data = \"" + shown(answered) + "\"");
        }
        if (response.getID() != lease) {
            throw failure("lease: renew id mismatch");
        }
        return response.toBuilder().clearHeader().build();
    }

    private static void requireLease(HttpCalls.Answered answered) {
        if (answered.status() == 408) {
            throw failure("waiting for node to catch up its applied index has timed out");
        }
        if (answered.status() != 200) {
            throw failure("lease: unknown error(" + shown(answered) + ")");
        }
    }

    @Override
    public CompletableFuture<List<Member>> promote(Member leader, long learner) {
        var path = "/members/promote/" + Long.toUnsignedString(learner);
        return inOrder(
                leader,
                url -> http.ask(new HttpCalls.Call(
                                HttpMethod.POST, url, path, "", ByteString.EMPTY, 0, SMALL_ANSWER, requestNanos))
                        .thenApply(PeerCalls::promoted));
    }

    private static List<Member> promoted(HttpCalls.Answered answered) {
        var text = answered.text();
        switch (answered.status()) {
            case 200 -> {
                try {
                    return Member.listFromJson(text);
                } catch (IOException malformed) {
                    throw failure("member promote: " + malformed.getMessage());
                }
            }
            case 404 -> throw refusal("membership: ID not found", Refusal.MEMBER_NOT_FOUND);
            case 408 -> throw refusal(Refusal.TIMED_OUT.text(), Refusal.TIMED_OUT);
            case 412 -> {
                // The longer text first, the other one is its beginning.
                if (text.contains(Refusal.LEARNER_NOT_READY.text())) {
                    throw refusal(Refusal.LEARNER_NOT_READY.text(), Refusal.LEARNER_NOT_READY);
                }
                if (text.contains("can only promote a learner member")) {
                    throw refusal(Refusal.MEMBER_NOT_LEARNER.text(), Refusal.MEMBER_NOT_LEARNER);
                }
            }
            default -> {}
        }
        throw failure("member promote: unknown error(" + shown(answered) + ")");
    }

    // ---- any member's ----

    @Override
    public CompletableFuture<HashKVResponse> hashKv(Member member, long revision) {
        long cluster = clusterId.getAsLong();
        return inOrder(member, url -> hashes.ask(url, revision, cluster));
    }

    // ---- how it is asked ----

    private static HttpCalls.Call get(String url, String path, long nanos) {
        return new HttpCalls.Call(HttpMethod.GET, url, path, "", ByteString.EMPTY, 0, SMALL_ANSWER, nanos);
    }

    private HttpCalls.Call post(String url, String path, ByteString body, int maxAnswer) {
        return new HttpCalls.Call(HttpMethod.POST, url, path, PROTOBUF, body, 0, maxAnswer, requestNanos);
    }

    /// Asks at one URL after the other until an answer comes, be it a refusal.
    private static <T> CompletableFuture<T> inOrder(Member member, Function<String, CompletableFuture<T>> one) {
        var last = new PeerException("member " + id(member.id()) + " has no peer URL");
        return from(member.peerUrls(), 0, one, last);
    }

    private static <T> CompletableFuture<T> from(
            List<String> urls, int index, Function<String, CompletableFuture<T>> one, PeerException last) {
        if (index == urls.size()) {
            return CompletableFuture.failedFuture(last);
        }
        return one.apply(urls.get(index)).exceptionallyCompose(thrown -> {
            var failure = peerException(thrown);
            return failure.refusal() != null
                    ? CompletableFuture.failedFuture(failure)
                    : from(urls, index + 1, one, failure);
        });
    }

    static PeerException peerException(Throwable thrown) {
        var cause = thrown instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : thrown;
        return cause instanceof PeerException failure ? failure : new PeerException(cause.toString(), cause);
    }

    private static String reason(Throwable thrown) {
        return String.valueOf(peerException(thrown).getMessage());
    }

    static CompletionException failure(String message) {
        return new CompletionException(new PeerException(message));
    }

    static CompletionException refusal(String message, Refusal why) {
        return new CompletionException(new PeerException(message, why));
    }

    private static String id(long id) {
        return Long.toHexString(id);
    }

    /// The answer's text for an error, on one line and not too long.
    static String shown(HttpCalls.Answered answered) {
        var text = answered.body()
                .substring(0, Math.min(SHOWN, answered.body().size()))
                .toStringUtf8()
                .strip();
        return text.replaceAll("\\p{Cntrl}", ".");
    }

    /// Gives up what is under way, and closes the connections. Idempotent.
    @Override
    public void close() {
        http.close();
        hashes.close();
    }
}
