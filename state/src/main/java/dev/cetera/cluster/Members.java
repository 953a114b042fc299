package dev.cetera.cluster;

import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.raft.ConfChange;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The cluster's members and its version, kept in the legacy tree.
///
/// Confined to the applier thread, except [#now], which any thread may call.
///
/// Invariant: [#now] is what [#load] would read from the tree.
public final class Members {
    /// As etcd 3.4 limits it.
    private static final int MAX_LEARNERS = 1;

    private static final byte[] NO_CONTEXT = new byte[0];
    private static final byte[] VERSION_ROW = "clusterVersion".getBytes(StandardCharsets.UTF_8);
    private static final byte[] REMOVED_VALUE = "removed".getBytes(StandardCharsets.UTF_8);

    private final MemberTree tree;
    private volatile Membership now = Membership.NONE;

    /// Over a store that is empty, or else to be read by [#load].
    public Members(V2Store store) {
        this.tree = new MemberTree(store);
    }

    /// The membership as of the last applied entry.
    public Membership now() {
        return now;
    }

    /// Reads everything from the tree, after that was recovered from a snapshot.
    ///
    /// @throws V2FormatException if the tree holds something else where members should be
    public void load() throws V2FormatException {
        now = tree.load();
    }

    // ---- conf changes ----

    /// Why a conf change can't be applied; null if it can.
    ///
    /// @throws V2FormatException if its context can't be read
    public @Nullable MembershipRefusal validate(ConfChange change) throws V2FormatException {
        var id = change.nodeId();
        if (now.isRemoved(id)) {
            return MembershipRefusal.ID_REMOVED;
        }
        var member = now.member(id);
        return switch (change.type()) {
            case ADD_NODE -> {
                var context = context(change);
                yield context.promote() ? validatePromotion(member) : validateAddition(member, context.member());
            }
            case ADD_LEARNER -> {
                var refusal = validateAddition(member, context(change).member());
                yield refusal == null && learners() >= MAX_LEARNERS ? MembershipRefusal.TOO_MANY_LEARNERS : refusal;
            }
            case REMOVE_NODE -> member == null ? MembershipRefusal.ID_NOT_FOUND : null;
            case UPDATE_NODE ->
                member == null
                        ? MembershipRefusal.ID_NOT_FOUND
                        : urlTaken(context(change).member()) ? MembershipRefusal.PEER_URL_EXISTS : null;
        };
    }

    private static @Nullable MembershipRefusal validatePromotion(@Nullable Member member) {
        if (member == null) {
            return MembershipRefusal.ID_NOT_FOUND;
        }
        return member.learner() ? null : MembershipRefusal.NOT_A_LEARNER;
    }

    private @Nullable MembershipRefusal validateAddition(@Nullable Member present, Member added) {
        if (present != null) {
            return MembershipRefusal.ID_EXISTS;
        }
        return urlTaken(added) ? MembershipRefusal.PEER_URL_EXISTS : null;
    }

    /// Whether another member has one of these peer URLs, letter for letter.
    private boolean urlTaken(Member changed) {
        return now.members().stream()
                .filter(other -> other.id() != changed.id())
                .anyMatch(other -> other.peerUrls().stream().anyMatch(changed.peerUrls()::contains));
    }

    private long learners() {
        return now.members().stream().filter(Member::learner).count();
    }

    /// Applies a committed conf change: validates it, then changes the tree.
    ///
    /// @throws V2FormatException if its context can't be read: the member must stop
    public MembershipChange apply(ConfChange change) throws V2FormatException {
        var refusal = validate(change);
        if (refusal != null) {
            return new MembershipChange.Refused(refusal);
        }
        return switch (change.type()) {
            case ADD_NODE, ADD_LEARNER -> {
                var context = context(change);
                yield context.promote() ? promote(change.nodeId()) : add(context.member());
            }
            case REMOVE_NODE -> remove(change.nodeId());
            case UPDATE_NODE -> {
                var updated = existing(change.nodeId())
                        .withPeerUrls(context(change).member().peerUrls());
                tree.updateRaftAttributes(updated);
                put(updated);
                yield new MembershipChange.Updated(updated, List.of(row(updated)));
            }
        };
    }

    private MembershipChange add(Member member) {
        tree.add(member);
        put(member);
        return new MembershipChange.Added(member, List.of(row(member)));
    }

    private MembershipChange promote(long id) {
        var promoted = existing(id).asVoter();
        tree.updateRaftAttributes(promoted);
        put(promoted);
        return new MembershipChange.Promoted(promoted, List.of(row(promoted)));
    }

    private MembershipChange remove(long id) {
        tree.remove(id);
        var removed = new HashSet<>(now.removed());
        removed.add(id);
        now = new Membership(others(id), removed, now.version());
        var key = rowKey(id);
        return new MembershipChange.Removed(
                id,
                List.of(
                        new BucketWrite(BucketWrite.Table.MEMBERS, key, null),
                        new BucketWrite(BucketWrite.Table.MEMBERS_REMOVED, key, REMOVED_VALUE)));
    }

    private Member existing(long id) {
        var member = now.member(id);
        if (member == null) {
            throw new IllegalStateException("no member " + MemberId.text(id));
        }
        return member;
    }

    private List<Member> others(long id) {
        return now.members().stream().filter(member -> member.id() != id).toList();
    }

    private void put(Member member) {
        var members = new ArrayList<>(others(member.id()));
        members.add(member);
        members.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
        now = new Membership(members, now.removed(), now.version());
    }

    private static MemberJson.Context context(ConfChange change) throws V2FormatException {
        var context = MemberJson.read(new String(change.context(), StandardCharsets.UTF_8));
        if (context.member().id() != change.nodeId()) {
            throw new V2FormatException("a change of member " + MemberId.text(change.nodeId()) + " describes member "
                    + MemberId.text(context.member().id()));
        }
        return context;
    }

    // ---- member requests ----

    /// Applies a v2 request if it is one about membership: a member's attributes or the cluster's version.
    /// Null if it is an ordinary one, for [V2Store#apply].
    ///
    /// @throws V2FormatException if it is one but can't be read, or is about a member that never was: the
    ///     member must stop
    public @Nullable MembershipChange apply(Request request) throws V2FormatException {
        boolean plainPut = request.getMethod().equals("PUT")
                && !request.hasPrevExist()
                && request.getPrevIndex() == 0
                && request.getPrevValue().isEmpty();
        if (!plainPut) {
            return null;
        }
        if (request.getPath().equals(MemberTree.VERSION)) {
            return setVersion(request.getVal());
        }
        var publisher = MemberTree.publisher(request.getPath());
        var id = publisher == null ? null : MemberId.parse(publisher);
        return id == null || id.isEmpty() ? null : publish(id.getAsLong(), request.getVal());
    }

    private MembershipChange publish(long id, String json) throws V2FormatException {
        var attributes = MemberJson.read(json).member().attributes();
        var member = now.member(id);
        if (member == null) {
            if (now.isRemoved(id)) {
                return new MembershipChange.PublishedByRemoved(id);
            }
            throw new V2FormatException("error updating attributes of unknown member " + MemberId.text(id));
        }
        var published = member.withAttributes(attributes);
        tree.setAttributes(published);
        put(published);
        return new MembershipChange.Published(published, List.of(row(published)));
    }

    private MembershipChange setVersion(String text) throws V2FormatException {
        var version = ClusterVersion.parse(text);
        if (version == null) {
            throw new V2FormatException("the cluster version is no version: " + text);
        }
        var before = now.version();
        tree.setVersion(version);
        now = new Membership(now.members(), now.removed(), version);
        var row = new BucketWrite(
                BucketWrite.Table.CLUSTER, VERSION_ROW, version.text().getBytes(StandardCharsets.UTF_8));
        return new MembershipChange.VersionSet(before, version, List.of(row));
    }

    private static BucketWrite row(Member member) {
        return new BucketWrite(
                BucketWrite.Table.MEMBERS, rowKey(member.id()), member.json().getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] rowKey(long id) {
        return MemberId.text(id).getBytes(StandardCharsets.UTF_8);
    }

    // ---- what to propose ----

    /// The request by which a member publishes itself.
    ///
    /// @param requestId under which the proposer waits
    public static Request publish(long requestId, long memberId, Member.Attributes attributes) {
        return put(requestId, MemberTree.attributesPath(memberId), attributes.json());
    }

    /// The request by which a leader sets the cluster's version.
    ///
    /// @param requestId under which the proposer waits
    public static Request setVersion(long requestId, ClusterVersion version) {
        return put(requestId, MemberTree.VERSION, version.text());
    }

    /// Go never leaves a field out, and other members tell a v2 request by fields that a v3 request can't
    /// have: so they are all set.
    private static Request put(long requestId, String path, String value) {
        return Request.newBuilder()
                .setID(requestId)
                .setMethod("PUT")
                .setPath(path)
                .setVal(value)
                .setDir(false)
                .setPrevValue("")
                .setPrevIndex(0)
                .setExpiration(0)
                .setWait(false)
                .setSince(0)
                .setRecursive(false)
                .setSorted(false)
                .setQuorum(false)
                .setTime(0)
                .setStream(false)
                .build();
    }

    /// The conf change that adds a member.
    ///
    /// @param requestId under which the proposer waits
    public static ConfChange add(long requestId, Member member) {
        var type = member.learner() ? ConfChange.Type.ADD_LEARNER : ConfChange.Type.ADD_NODE;
        return new ConfChange(requestId, type, member.id(), member.json().getBytes(StandardCharsets.UTF_8));
    }

    /// The conf change that gives a member other peer URLs.
    ///
    /// @param requestId under which the proposer waits
    public static ConfChange update(long requestId, long memberId, List<String> peerUrls) {
        var context = Member.of(memberId, peerUrls, "").json().getBytes(StandardCharsets.UTF_8);
        return new ConfChange(requestId, ConfChange.Type.UPDATE_NODE, memberId, context);
    }

    /// The conf change that removes a member for ever.
    ///
    /// @param requestId under which the proposer waits
    public static ConfChange remove(long requestId, long memberId) {
        return new ConfChange(requestId, ConfChange.Type.REMOVE_NODE, memberId, NO_CONTEXT);
    }
}
