package dev.cetera.peer;

import dev.cetera.config.Release;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/// The requests of the peer protocol, with the headers by which the other side knows who asks. Immutable.
record Requests(long memberId, long clusterId, List<String> advertised) {
    static final String CLUSTER_ID = "X-Etcd-Cluster-Id";
    static final String SERVER_FROM = "X-Server-From";
    static final String SERVER_VERSION = "X-Server-Version";
    static final String MIN_CLUSTER_VERSION = "X-Min-Cluster-Version";
    static final String PEER_URLS = "X-Peerurls";
    static final String RAFT_TO = "X-Raft-To";

    /// The oldest cluster that members of any release 3.x work in.
    static final String OLDEST_CLUSTER = "3.0.0";

    static final String POST_PATH = "/raft";
    static final String STREAM_PATH = "/raft/stream/";
    static final String SNAPSHOT_PATH = "/raft/snapshot";
    static final String PROBING_PATH = "/raft/probing";

    FullHttpRequest stream(PeerUrl url, StreamKind kind, long to) {
        var path = STREAM_PATH + kind.path + "/" + Long.toHexString(memberId);
        var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER);
        identify(request.headers(), url).set(RAFT_TO, Long.toHexString(to));
        return request;
    }

    FullHttpRequest post(PeerUrl url, ByteBuf body) {
        var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, POST_PATH, body);
        identify(request.headers(), url)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/protobuf")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return request;
    }

    /// Its body follows in chunks.
    HttpRequest snapshot(PeerUrl url) {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, SNAPSHOT_PATH);
        identify(request.headers(), url)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream")
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        return request;
    }

    FullHttpRequest probe(PeerUrl url) {
        var request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, PROBING_PATH, Unpooled.EMPTY_BUFFER);
        request.headers().set(HttpHeaderNames.HOST, url.address());
        return request;
    }

    private HttpHeaders identify(HttpHeaders headers, PeerUrl url) {
        return headers.set(HttpHeaderNames.HOST, url.address())
                .set(CLUSTER_ID, Long.toHexString(clusterId))
                .set(MIN_CLUSTER_VERSION, OLDEST_CLUSTER)
                .set(PEER_URLS, String.join(",", advertised))
                .set(SERVER_FROM, Long.toHexString(memberId))
                .set(SERVER_VERSION, Release.CURRENT.version());
    }
}
