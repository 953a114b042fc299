package dev.cetera.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.MemberListResponse;
import dev.cetera.config.Release;
import dev.cetera.logs.LogLevel;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The plain HTTP pages of one port, by path. Immutable.
public final class Pages {
    private static final Reply NOT_FOUND = Reply.error(404, "404 page not found");

    /// Serves one path.
    @FunctionalInterface
    interface Page {
        /// Returns at once; the reply may come later and from any thread, but exactly once.
        void serve(String method, String body, Consumer<Reply> reply);
    }

    private final Map<String, Page> pages;

    private Pages(Map<String, Page> pages) {
        this.pages = Map.copyOf(pages);
    }

    /// Of the client port.
    public static Pages client(Node node, Metrics metrics, Consumer<LogLevel> logLevel) {
        var pages = new HashMap<String, Page>();
        pages.put("/health", new Health(node, metrics));
        pages.put("/version", get(() -> version(node)));
        pages.put("/metrics", metrics(metrics));
        pages.put("/debug/vars", get(() -> vars(node)));
        pages.put("/config/local/log", (method, body, reply) -> reply.accept(logLevel(method, body, logLevel)));
        return new Pages(pages);
    }

    /// Of the addresses for measuring alone.
    public static Pages measuring(Node node, Metrics metrics) {
        return new Pages(Map.of("/health", new Health(node, metrics), "/metrics", metrics(metrics)));
    }

    /// Of the port for other members.
    public static Pages peer(Node node) {
        return new Pages(Map.of("/version", get(() -> version(node)), "/members", (method, _, reply) -> {
            if (method.equals("GET")) {
                node.memberList(new MemberList(node, reply));
            } else {
                reply.accept(Reply.notAllowed("GET"));
            }
        }));
    }

    void serve(String path, String method, String body, Consumer<Reply> reply) {
        var page = pages.get(path);
        if (page == null) {
            reply.accept(NOT_FOUND);
        } else {
            page.serve(method, body, reply);
        }
    }

    private static Page get(java.util.function.Supplier<Reply> page) {
        return (method, _, reply) -> reply.accept(method.equals("GET") ? page.get() : Reply.notAllowed("GET"));
    }

    private static Page metrics(Metrics metrics) {
        return (_, _, reply) -> reply.accept(new Reply(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.registry().text(),
                Map.of()));
    }

    private static Reply version(Node node) {
        return Reply.json("{\"etcdserver\":\"" + Release.CURRENT.version() + "\",\"etcdcluster\":\""
                + node.clusterVersion() + "\"}");
    }

    private static Reply vars(Node node) {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        var memory = Map.of("Alloc", heap.getUsed(), "HeapAlloc", heap.getUsed(), "Sys", heap.getCommitted());
        var raft = Map.of(
                "id",
                Long.toHexString(node.memberId()),
                "term",
                node.term(),
                "raftState",
                node.isLeader() ? "StateLeader" : "StateFollower");
        var command = ManagementFactory.getRuntimeMXBean().getInputArguments();
        var limit = ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : 0;
        var vars = Map.of("cmdline", command, "file_descriptor_limit", limit, "memstats", memory, "raft.status", raft);
        return new Reply(200, "application/json; charset=utf-8", new Gson().toJson(vars) + "\n", Map.of());
    }

    private static Reply logLevel(String method, String body, Consumer<LogLevel> set) {
        if (!method.equals("PUT")) {
            return Reply.notAllowed("PUT");
        }
        @Nullable String name = null;
        try {
            var wanted = new Gson().fromJson(body, JsonObject.class);
            name = wanted == null || !wanted.has("Level")
                    ? null
                    : wanted.get("Level").getAsString();
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException malformed) {
            return message("Invalid json body");
        }
        if (name == null) {
            return message("Invalid json body");
        }
        var level = LogLevel.parse(name);
        if (level == null) {
            return message("Invalid log level " + name);
        }
        set.accept(level);
        return new Reply(204, Reply.JSON, "", Map.of());
    }

    private static Reply message(String text) {
        return new Reply(400, Reply.JSON, new Gson().toJson(Map.of("message", text)), Map.of());
    }

    /// `/members` as other members read it.
    private record MemberList(Node node, Consumer<Reply> reply) implements Answer<MemberListResponse> {
        private record Row(BigInteger id, List<String> peerURLs, String name, List<String> clientURLs) {}

        @Override
        public void done(MemberListResponse value) {
            var rows = value.getMembersList().stream()
                    .map(member -> new Row(
                            new BigInteger(Long.toUnsignedString(member.getID())),
                            List.copyOf(member.getPeerURLsList()),
                            member.getName(),
                            List.copyOf(member.getClientURLsList())))
                    .toList();
            var gson = new GsonBuilder().disableHtmlEscaping().create();
            var headers = Map.of("x-etcd-cluster-id", Long.toHexString(node.clusterId()));
            reply.accept(new Reply(200, Reply.JSON, gson.toJson(rows) + "\n", headers));
        }

        @Override
        public void refused(Refusal why) {
            reply.accept(Reply.error(503, why.text()));
        }
    }
}
