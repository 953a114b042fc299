package dev.cetera.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.config.Release;
import dev.cetera.logs.LogLevel;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The plain HTTP pages of one port, by path. Immutable.
public final class Pages {
    private static final Gson PLAIN = new GsonBuilder().disableHtmlEscaping().create();
    private static final Reply NOT_FOUND = Reply.error(404, "404 page not found");
    private static final Reply NOT_YET = Reply.error(503, "the member has not joined its cluster yet");

    /// Serves one path.
    @FunctionalInterface
    interface Page {
        /// Returns at once; the reply may come later and from any thread, but exactly once.
        void serve(Request request, Consumer<Reply> reply);
    }

    /// What ends in a slash serves all below it that has no page of its own.
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
        pages.put("/debug/vars", (request, reply) -> vars(node, request, reply));
        pages.put("/config/local/log", (request, reply) -> reply.accept(logLevel(request, logLevel)));
        return new Pages(pages);
    }

    /// These, and profiles of the process.
    public Pages withProfiles() {
        var more = new HashMap<>(pages);
        more.put(Profiles.ROOT, new Profiles());
        return new Pages(more);
    }

    /// Of the addresses for measuring alone.
    public static Pages measuring(Node node, Metrics metrics) {
        return new Pages(Map.of("/health", new Health(node, metrics), "/metrics", metrics(metrics)));
    }

    /// Of the port for other members.
    public static Pages peer(Node node) {
        var pages = new HashMap<>(PeerPages.of(node));
        pages.put("/version", get(() -> version(node.clusterVersion(), PROGRAM)));
        return new Pages(pages);
    }

    /// Of the port for other members, until `later`.
    static Pages early(DualPort.Early early, CompletableFuture<Pages> later) {
        Page refusing = (_, reply) -> reply.accept(NOT_YET);
        Page waiting = (request, reply) -> {
            var _ = later.thenAccept(pages -> pages.serve(request, reply));
        };
        return new Pages(Map.of(
                "/version",
                get(() -> version("not_decided")),
                "/",
                switch (early) {
                    case REFUSE -> refusing;
                    case WAIT -> waiting;
                }));
    }

    void serve(Request request, Consumer<Reply> reply) {
        var page = pages.get(request.path());
        if (page == null) {
            page = below(request.path());
        }
        if (page == null) {
            reply.accept(NOT_FOUND);
        } else {
            page.serve(request, reply);
        }
    }

    private @Nullable Page below(String path) {
        return pages.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("/") && path.startsWith(entry.getKey()))
                .max(Comparator.comparingInt(entry -> entry.getKey().length()))
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    private static Page get(Supplier<Reply> page) {
        return (request, reply) -> reply.accept(request.method().equals("GET") ? page.get() : Reply.notAllowed("GET"));
    }

    private static Page metrics(Metrics metrics) {
        return (_, reply) -> reply.accept(Reply.of(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.registry().text()));
    }

    private static Reply version(Node node) {
        return version(node.clusterVersion());
    }

    /// For other members of ours, which then know that they may propose what those of etcd can't read.
    private static final String PROGRAM = ",\"program\":\"cetera\"";

    private static Reply version(String cluster) {
        return version(cluster, "");
    }

    private static Reply version(String cluster, String more) {
        return Reply.json("{\"etcdserver\":\"" + Release.CURRENT.version() + "\",\"etcdcluster\":\"" + cluster + "\""
                + more + "}");
    }

    private static void vars(Node node, Request request, Consumer<Reply> reply) {
        if (!request.method().equals("GET")) {
            reply.accept(Reply.notAllowed("GET"));
            return;
        }
        node.status(new Answer<>() {
            @Override
            public void done(StatusResponse status) {
                reply.accept(vars(node, status));
            }

            @Override
            public void refused(Refusal why) {
                reply.accept(Reply.error(503, why.text()));
            }
        });
    }

    private static Reply vars(Node node, StatusResponse status) {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        var memory = Map.of("Alloc", heap.getUsed(), "HeapAlloc", heap.getUsed(), "Sys", heap.getCommitted());
        var raft = Map.of(
                "id",
                Long.toHexString(node.memberId()),
                "term",
                status.getRaftTerm(),
                "lead",
                Long.toHexString(status.getLeader()),
                "applied",
                status.getRaftAppliedIndex(),
                "raftState",
                node.isLeader() ? "StateLeader" : "StateFollower");
        var limit = ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : 0;
        var vars = new TreeMap<String, Object>(Map.of(
                "cmdline",
                Profiles.commandLine(),
                "file_descriptor_limit",
                limit,
                "memstats",
                memory,
                "raft.status",
                raft));
        return Reply.of(200, "application/json; charset=utf-8", PLAIN.toJson(vars) + "\n");
    }

    private static Reply logLevel(Request request, Consumer<LogLevel> set) {
        if (!request.method().equals("PUT")) {
            return Reply.notAllowed("PUT");
        }
        @Nullable String name = null;
        try {
            var wanted = new Gson().fromJson(request.body().toStringUtf8(), JsonObject.class);
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
        return Reply.of(204, Reply.JSON, "");
    }

    private static Reply message(String text) {
        return Reply.of(400, Reply.JSON, new Gson().toJson(Map.of("message", text)));
    }
}
