package dev.cetera.cluster;

import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Node;
import dev.cetera.v2.V2Outcome;
import dev.cetera.v2.V2Store;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where the membership stands in the legacy tree. Confined to the applier thread.
///
/// ```
/// /0/members/<id>/raftAttributes   {"peerURLs":["http://…"]}
/// /0/members/<id>/attributes       {"name":"m1","clientURLs":["http://…"]}   once it has published itself
/// /0/removed_members/<id>          empty
/// /0/version                       3.3.0                                     once it is decided
/// ```
final class MemberTree {
    static final String VERSION = V2Store.CLUSTER + "/version";
    private static final String MEMBERS = V2Store.CLUSTER + "/members";
    private static final String REMOVED = V2Store.CLUSTER + "/removed_members";
    private static final String RAFT_ATTRIBUTES = "raftAttributes";
    private static final String ATTRIBUTES = "attributes";

    private final V2Store store;

    MemberTree(V2Store store) {
        this.store = store;
    }

    private static String path(long id) {
        return MEMBERS + "/" + MemberId.text(id);
    }

    static String attributesPath(long id) {
        return path(id) + "/" + ATTRIBUTES;
    }

    /// The text of the id in the path of a member's attributes, null for any other path.
    static @Nullable String publisher(String path) {
        var names = path.split("/", -1);
        return names.length == 5 && path.startsWith(MEMBERS + "/") && names[4].equals(ATTRIBUTES) ? names[3] : null;
    }

    // ---- writing: the tree was validated, so none of it can fail ----

    void add(Member member) {
        demandDone(store.create(path(member.id()) + "/" + RAFT_ATTRIBUTES, MemberJson.raftAttributes(member)));
    }

    void remove(long id) {
        demandDone(store.delete(path(id)));
        demandDone(store.create(REMOVED + "/" + MemberId.text(id), ""));
    }

    void updateRaftAttributes(Member member) {
        demandDone(store.update(path(member.id()) + "/" + RAFT_ATTRIBUTES, MemberJson.raftAttributes(member)));
    }

    void setAttributes(Member member) {
        demandDone(store.set(attributesPath(member.id()), member.attributes().json()));
    }

    void setVersion(ClusterVersion version) {
        demandDone(store.set(VERSION, version.text()));
    }

    private static void demandDone(V2Outcome outcome) {
        if (!(outcome instanceof V2Outcome.Done)) {
            throw new IllegalStateException("the tree disagrees with the membership: " + outcome);
        }
    }

    // ---- reading ----

    Membership load() throws V2FormatException {
        var members = new ArrayList<Member>();
        for (var node : children(MEMBERS)) {
            members.add(member(node));
        }
        members.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
        Set<Long> removed = new HashSet<>();
        for (var node : children(REMOVED)) {
            removed.add(id(node));
        }
        return new Membership(members, removed, version());
    }

    private List<V2Node> children(String path) {
        var node = node(path);
        return node == null || node.nodes() == null ? List.of() : node.nodes();
    }

    private @Nullable V2Node node(String path) {
        return store.get(path, V2Store.Depth.TREE, 0) instanceof V2Outcome.Done(var event) ? event.node() : null;
    }

    private @Nullable ClusterVersion version() throws V2FormatException {
        var node = node(VERSION);
        if (node == null) {
            return null;
        }
        var version = node.value() == null ? null : ClusterVersion.parse(node.value());
        if (version == null) {
            throw new V2FormatException("the cluster version is no version: " + node.value());
        }
        return version;
    }

    private static Member member(V2Node node) throws V2FormatException {
        var id = id(node);
        MemberJson.@Nullable Context raft = null;
        var attributes = new Member.Attributes("", List.of());
        for (var child : node.nodes() == null ? List.<V2Node>of() : node.nodes()) {
            var value = child.value() == null ? "" : child.value();
            switch (name(child)) {
                case RAFT_ATTRIBUTES -> raft = MemberJson.read(value);
                case ATTRIBUTES -> attributes = MemberJson.read(value).member().attributes();
                default ->
                    throw new V2FormatException("nodeToMember should never fail: unknown key \"" + child.key() + "\"");
            }
        }
        if (raft == null) {
            throw new V2FormatException("nodeToMember should never fail: raftAttributes key doesn't exist");
        }
        var read = raft.member();
        return new Member(id, read.peerUrls(), attributes.name(), attributes.clientUrls(), read.learner());
    }

    private static long id(V2Node node) throws V2FormatException {
        return MemberId.parse(name(node)).orElseThrow(() -> new V2FormatException("no id of a member: " + node.key()));
    }

    private static String name(V2Node node) {
        return node.key().substring(node.key().lastIndexOf('/') + 1);
    }
}
