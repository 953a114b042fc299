package dev.cetera.v2;

import dev.cetera.api.etcdserverpb.Request;
import java.time.Instant;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The tree. Confined to the applier thread.
///
/// Every successful change raises the index by one and gives it to the changed node; directories that had to
/// be made on the way get the same one. A refused request changes nothing.
///
/// Paths are full ones, namespace included. The root and the two namespaces exist from the start and can't be
/// changed.
public final class V2Store {
    /// How much of a directory a read shows.
    public enum Depth {
        /// Its children.
        CHILDREN,
        /// Everything below it.
        TREE
    }

    /// Namespace of the cluster's own keys.
    public static final String CLUSTER = "/0";

    /// Namespace of the users' keys.
    public static final String KEYS = "/1";

    /// A new node that should have expired before this moment is permanent: such a time is a client's way to
    /// say "none".
    private static final Instant EARLIEST_EXPIRATION = Instant.parse("2000-01-01T00:00:00Z");

    /// How long a written node lives.
    ///
    /// @param expiration null for ever
    /// @param refresh    the value is kept and watchers aren't told
    private record Life(@Nullable Instant expiration, boolean refresh) {
        static final Life PERMANENT = new Life(null, false);

        Life withoutRefresh() {
            return new Life(expiration, false);
        }
    }

    /// What a path leads to.
    private sealed interface Found {
        record Node(TreeNode node) implements Found {}

        record Nothing(V2Error why) implements Found {}
    }

    private TreeNode root = emptyTree();

    /// Every node with an expiration, the next to expire first. Invariant: exactly those of the tree.
    private final TreeSet<TreeNode> expirations =
            new TreeSet<>(Comparator.comparing(V2Store::expirationOf).thenComparing(node -> node.path));

    private final V2History history = new V2History();
    private final V2Stats stats = new V2Stats();
    private long index;

    /// An empty tree: both namespaces, index 0.
    public V2Store() {}

    static TreeNode emptyTree() {
        var root = TreeNode.directory("/", 0);
        root.add(TreeNode.directory(CLUSTER, 0));
        root.add(TreeNode.directory(KEYS, 0));
        return root;
    }

    private static Instant expirationOf(TreeNode node) {
        return node.expiration == null ? Instant.MAX : node.expiration;
    }

    // ---- requests ----

    /// Applies a request as it stands in the log.
    ///
    /// Attributes of members and the cluster's version come as requests too, but they belong to
    /// `dev.cetera.cluster`, which is to be asked first.
    ///
    /// @param nowUnixNanos only for the time to live shown in the answer; never decides anything
    public V2Outcome apply(Request request, long nowUnixNanos) {
        var now = instant(nowUnixNanos);
        return switch (request.getMethod()) {
            case "PUT" -> put(request, now);
            case "POST" -> create(inOrder(request.getPath()), kind(request), request.getVal(), life(request), now);
            case "DELETE" -> delete(request, now);
            case "QGET" -> get(request.getPath(), request.getRecursive() ? Depth.TREE : Depth.CHILDREN, nowUnixNanos);
            case "SYNC" -> {
                expire(request.getTime());
                yield new V2Outcome.Silent();
            }
            default -> new V2Outcome.UnknownMethod();
        };
    }

    private V2Outcome put(Request request, Instant now) {
        var path = V2Path.of(request.getPath());
        boolean compares =
                request.getPrevIndex() != 0 || !request.getPrevValue().isEmpty();
        if (request.hasPrevExist() && !request.getPrevExist()) {
            return create(path, kind(request), request.getVal(), life(request), now);
        }
        if (compares) {
            return compareAndSwap(path, request, now);
        }
        return request.hasPrevExist()
                ? update(path, request.getVal(), life(request), now)
                : set(path, kind(request), request.getVal(), life(request), now);
    }

    private V2Outcome delete(Request request, Instant now) {
        var path = V2Path.of(request.getPath());
        if (request.getPrevIndex() != 0 || !request.getPrevValue().isEmpty()) {
            return compareAndDelete(path, request, now);
        }
        var removal = request.getRecursive() ? Removal.TREE : request.getDir() ? Removal.EMPTY_DIRECTORY : Removal.FILE;
        return delete(path, removal, now);
    }

    private enum Kind {
        FILE,
        DIRECTORY
    }

    private enum Removal {
        FILE,
        /// Or a file.
        EMPTY_DIRECTORY,
        TREE
    }

    private static Kind kind(Request request) {
        return request.getDir() ? Kind.DIRECTORY : Kind.FILE;
    }

    private static Life life(Request request) {
        return new Life(request.getExpiration() == 0 ? null : instant(request.getExpiration()), request.getRefresh());
    }

    private static Instant instant(long unixNanos) {
        return Instant.ofEpochSecond(0, unixNanos);
    }

    /// A new name below a directory, later than all before it.
    private V2Path inOrder(String directory) {
        return V2Path.of(directory + "/"
                + "%20s".formatted(Long.toUnsignedString(index + 1)).replace(' ', '0'));
    }

    // ---- the cluster's own use: permanent files ----

    /// Creates or replaces a permanent file.
    public V2Outcome set(String path, String value) {
        return set(V2Path.of(path), Kind.FILE, value, Life.PERMANENT, Instant.EPOCH);
    }

    /// Creates a permanent file.
    public V2Outcome create(String path, String value) {
        return create(V2Path.of(path), Kind.FILE, value, Life.PERMANENT, Instant.EPOCH);
    }

    /// Replaces the value of a file, which becomes permanent.
    public V2Outcome update(String path, String value) {
        return update(V2Path.of(path), value, Life.PERMANENT, Instant.EPOCH);
    }

    /// Deletes a file, or a directory with everything below it.
    public V2Outcome delete(String path) {
        return delete(V2Path.of(path), Removal.TREE, Instant.EPOCH);
    }

    // ---- reading ----

    public V2Outcome get(String path, Depth depth, long nowUnixNanos) {
        return counted(
                V2Action.GET,
                switch (find(V2Path.of(path))) {
                    case Found.Nothing(var why) -> new V2Outcome.Refused(why);
                    case Found.Node(var node) ->
                        new V2Outcome.Done(
                                new V2Event(V2Action.GET, node.view(depth, instant(nowUnixNanos)), null, false, index));
                });
    }

    /// One more with each change of any key.
    public long index() {
        return index;
    }

    /// While true the leader proposes SYNC entries.
    public boolean hasTtlKeys() {
        return !expirations.isEmpty();
    }

    private Found find(V2Path path) {
        var node = root;
        for (var name : path.names()) {
            if (!node.isDirectory()) {
                return new Found.Nothing(error(V2Error.Code.NOT_A_DIRECTORY, node.path));
            }
            var child = node.child(name);
            if (child == null) {
                return new Found.Nothing(error(V2Error.Code.KEY_NOT_FOUND, V2Path.child(node.path, name)));
            }
            node = child;
        }
        return new Found.Node(node);
    }

    // ---- writing ----

    private V2Outcome create(V2Path path, Kind kind, String value, Life life, Instant now) {
        return counted(V2Action.CREATE, tryCreate(path, kind, value, life, now));
    }

    private V2Outcome tryCreate(V2Path path, Kind kind, String value, Life life, Instant now) {
        if (path.readOnly()) {
            return readOnly();
        }
        return switch (find(path)) {
            case Found.Nothing(var why) ->
                why.code() == V2Error.Code.KEY_NOT_FOUND
                        ? write(V2Action.CREATE, path, kind, value, life.withoutRefresh(), null, now)
                        : new V2Outcome.Refused(why);
            case Found.Node _ -> refuse(V2Error.Code.KEY_EXISTS, path.toString());
        };
    }

    private V2Outcome set(V2Path path, Kind kind, String value, Life life, Instant now) {
        return counted(V2Action.SET, trySet(path, kind, value, life, now));
    }

    private V2Outcome trySet(V2Path path, Kind kind, String value, Life life, Instant now) {
        if (path.readOnly()) {
            return readOnly();
        }
        return switch (find(path)) {
            case Found.Nothing(var why) ->
                why.code() == V2Error.Code.KEY_NOT_FOUND && !life.refresh()
                        ? write(V2Action.SET, path, kind, value, life, null, now)
                        : new V2Outcome.Refused(why);
            case Found.Node(var node) ->
                node.isDirectory()
                        ? refuse(V2Error.Code.NOT_A_FILE, path.toString())
                        : write(V2Action.SET, path, kind, life.refresh() ? node.value : value, life, node, now);
        };
    }

    /// Puts a new node in its place, making the directories above it, which are known not to be blocked by a
    /// file.
    private V2Outcome write(
            V2Action action,
            V2Path path,
            Kind kind,
            String value,
            Life life,
            @Nullable TreeNode replaced,
            Instant now) {
        var previous = replaced == null ? null : replaced.view(now);
        if (replaced != null) {
            unlink(replaced);
        }
        index++;
        var directory = root;
        for (var name : path.parent().names()) {
            var next = directory.child(name);
            if (next == null) {
                next = TreeNode.directory(V2Path.child(directory.path, name), index);
                directory.add(next);
            }
            directory = next;
        }
        var node = kind == Kind.DIRECTORY
                ? TreeNode.directory(path.toString(), index)
                : TreeNode.file(path.toString(), value, index);
        directory.add(node);
        var expiration = life.expiration();
        if (expiration != null && !expiration.isBefore(EARLIEST_EXPIRATION)) {
            reschedule(node, expiration);
        }
        return done(action, node.view(now), previous, life);
    }

    private V2Outcome update(V2Path path, String value, Life life, Instant now) {
        return counted(V2Action.UPDATE, tryUpdate(path, value, life, now));
    }

    private V2Outcome tryUpdate(V2Path path, String value, Life life, Instant now) {
        if (path.readOnly()) {
            return readOnly();
        }
        return switch (find(path)) {
            case Found.Nothing(var why) -> new V2Outcome.Refused(why);
            case Found.Node(var node) ->
                node.isDirectory() && !value.isEmpty()
                        ? refuse(V2Error.Code.NOT_A_FILE, path.toString())
                        : overwrite(V2Action.UPDATE, node, value, life, now);
        };
    }

    private V2Outcome compareAndSwap(V2Path path, Request request, Instant now) {
        return counted(V2Action.COMPARE_AND_SWAP, tryCompareAndSwap(path, request, now));
    }

    private V2Outcome tryCompareAndSwap(V2Path path, Request request, Instant now) {
        if (path.readOnly()) {
            return readOnly();
        }
        return switch (findMatching(path, request)) {
            case Found.Nothing(var why) -> new V2Outcome.Refused(why);
            case Found.Node(var node) ->
                overwrite(V2Action.COMPARE_AND_SWAP, node, request.getVal(), life(request), now);
        };
    }

    /// Changes a node in its place. A directory has only a life to change, and keeps its index although the
    /// tree's rises.
    private V2Outcome overwrite(V2Action action, TreeNode node, String value, Life life, Instant now) {
        var previous = node.view(now);
        index++;
        if (!node.isDirectory()) {
            node.value = life.refresh() ? node.value : value;
            node.modifiedIndex = index;
        }
        reschedule(node, life.expiration());
        var view = node.view(now);
        return done(action, view.withModifiedIndex(index), previous, life);
    }

    private V2Outcome delete(V2Path path, Removal removal, Instant now) {
        return counted(V2Action.DELETE, tryDelete(path, removal, now));
    }

    private V2Outcome tryDelete(V2Path path, Removal removal, Instant now) {
        if (path.readOnly()) {
            return readOnly();
        }
        return switch (find(path)) {
            case Found.Nothing(var why) -> new V2Outcome.Refused(why);
            case Found.Node(var node) -> {
                if (node.children != null && removal == Removal.FILE) {
                    yield refuse(V2Error.Code.NOT_A_FILE, node.path);
                }
                if (node.children != null && !node.children.isEmpty() && removal != Removal.TREE) {
                    yield refuse(V2Error.Code.DIRECTORY_NOT_EMPTY, node.path);
                }
                yield remove(V2Action.DELETE, node, now);
            }
        };
    }

    private V2Outcome compareAndDelete(V2Path path, Request request, Instant now) {
        return counted(
                V2Action.COMPARE_AND_DELETE,
                switch (findMatching(path, request)) {
                    case Found.Nothing(var why) -> new V2Outcome.Refused(why);
                    case Found.Node(var node) -> remove(V2Action.COMPARE_AND_DELETE, node, now);
                });
    }

    /// Deletes everything whose time ended at or before the given moment.
    public void expire(long cutoffUnixNanos) {
        var cutoff = instant(cutoffUnixNanos);
        while (!expirations.isEmpty() && !expirationOf(expirations.first()).isAfter(cutoff)) {
            counted(V2Action.EXPIRE, remove(V2Action.EXPIRE, expirations.first(), cutoff));
        }
    }

    private V2Outcome remove(V2Action action, TreeNode node, Instant now) {
        var previous = node.view(now);
        unlink(node);
        index++;
        var gone = new V2Node(node.path, null, node.isDirectory(), null, 0, null, index, node.createdIndex);
        return done(action, gone, previous, Life.PERMANENT);
    }

    /// Takes a node and all below it out of the tree and out of the queue of expirations.
    private void unlink(TreeNode node) {
        node.walk(below -> {
            if (below.expiration != null) {
                expirations.remove(below);
            }
        });
        node.detach();
    }

    private void reschedule(TreeNode node, @Nullable Instant expiration) {
        if (node.expiration != null) {
            expirations.remove(node);
        }
        node.expiration = expiration;
        if (expiration != null) {
            expirations.add(node);
        }
    }

    // ---- comparing and answering ----

    /// A file that has the index and the value that the request asks for; 0 and an empty value ask for
    /// nothing.
    private Found findMatching(V2Path path, Request request) {
        var found = find(path);
        if (!(found instanceof Found.Node(var node))) {
            return found;
        }
        if (node.isDirectory()) {
            return new Found.Nothing(error(V2Error.Code.NOT_A_FILE, path.toString()));
        }
        var value = request.getPrevValue();
        var modified = request.getPrevIndex();
        boolean valueFits = value.isEmpty() || value.equals(node.value);
        boolean indexFits = modified == 0 || modified == node.modifiedIndex;
        if (valueFits && indexFits) {
            return found;
        }
        var values = mismatch(value, node.value);
        var indices = mismatch(Long.toUnsignedString(modified), Long.toUnsignedString(node.modifiedIndex));
        var detail = valueFits ? indices : indexFits ? values : values + " " + indices;
        return new Found.Nothing(error(V2Error.Code.COMPARE_FAILED, detail));
    }

    private static String mismatch(String given, String actual) {
        return "[" + given + " != " + actual + "]";
    }

    private V2Outcome done(V2Action action, V2Node node, @Nullable V2Node previous, Life life) {
        var event = new V2Event(action, node, previous, life.refresh(), index);
        history.add(event);
        return new V2Outcome.Done(event);
    }

    private V2Outcome counted(V2Action action, V2Outcome outcome) {
        stats.count(action, outcome);
        return outcome;
    }

    private V2Outcome readOnly() {
        return refuse(V2Error.Code.ROOT_IS_READ_ONLY, "/");
    }

    private V2Outcome refuse(V2Error.Code code, String detail) {
        return new V2Outcome.Refused(error(code, detail));
    }

    private V2Error error(V2Error.Code code, String detail) {
        return new V2Error(code, detail, index);
    }

    // ---- snapshots ----

    /// The whole state as a raft snapshot carries it.
    public byte[] save() {
        return V2Json.write(new V2Json.State(root, history, index, stats));
    }

    /// Replaces the whole state by a saved one; unchanged if that can't be read. Nothing expires by it.
    ///
    /// @throws V2FormatException if the bytes aren't JSON, or not of such a tree
    public void recover(byte[] json) throws V2FormatException {
        var state = V2Json.read(json);
        root = state.root();
        index = state.index();
        history.replace(
                state.history().events(),
                state.history().front(),
                state.history().lastIndex());
        stats.replace(state.stats());
        expirations.clear();
        root.walk(node -> {
            if (node.expiration != null) {
                expirations.add(node);
            }
        });
    }
}
