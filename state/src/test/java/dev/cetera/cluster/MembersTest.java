package dev.cetera.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.raft.ConfChange;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Outcome;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class MembersTest {
    private static final long A = 0x4322a6e98c4b738bL;
    private static final long B = 0xb502705207e59593L;
    private static final String URL_A = "http://127.0.0.1:31133";
    private static final String URL_B = "http://127.0.0.1:31131";

    private final V2Store store = new V2Store();
    private final Members members = new Members(store);

    private static ConfChange change(ConfChange.Type type, long id, String context) {
        return new ConfChange(1, type, id, context.getBytes(StandardCharsets.UTF_8));
    }

    private void addBoth() throws V2FormatException {
        members.apply(Members.add(1, Member.of(B, List.of(URL_B), "")));
        members.apply(Members.add(2, Member.of(A, List.of(URL_A), "")));
    }

    private String value(String path) {
        return store.get(path, V2Store.Depth.CHILDREN, 0) instanceof V2Outcome.Done(var event)
                ? Objects.requireNonNull(event.node().value())
                : "(nothing)";
    }

    private static String text(BucketWrite write) {
        var value = write.value() == null ? "(deleted)" : new String(write.value(), StandardCharsets.UTF_8);
        return write.table() + " " + new String(write.key(), StandardCharsets.UTF_8) + " " + value;
    }

    private void refused(ConfChange change, MembershipRefusal why) throws V2FormatException {
        var before = store.index();
        assertThat(members.validate(change)).isEqualTo(why);
        assertThat(members.apply(change)).isEqualTo(new MembershipChange.Refused(why));
        assertThat(store.index()).isEqualTo(before);
    }

    @Test
    void addedMembersStandInTheTreeAndInTheBucketByAscendingId() throws V2FormatException {
        var change = (MembershipChange.Added) members.apply(Members.add(1, Member.of(B, List.of(URL_B), "m1")));
        assertThat(change.writes().stream().map(MembersTest::text))
                .containsExactly("MEMBERS b502705207e59593 {\"id\":13043110968440493459,\"peerURLs\":[\"" + URL_B
                        + "\"],\"name\":\"m1\"}");
        members.apply(Members.add(2, Member.of(A, List.of(URL_A), "")));
        assertThat(members.now().ids()).containsExactly(A, B);
        assertThat(value("/0/members/b502705207e59593/raftAttributes")).isEqualTo("{\"peerURLs\":[\"" + URL_B + "\"]}");
        assertThat(value("/0/members/b502705207e59593/attributes")).isEqualTo("(nothing)");
        assertThat(store.index()).isEqualTo(2);
    }

    @Test
    void aRemovedMemberNeverComesBack() throws V2FormatException {
        addBoth();
        var change = (MembershipChange.Removed) members.apply(Members.remove(3, A));
        assertThat(change.writes().stream().map(MembersTest::text))
                .containsExactly("MEMBERS 4322a6e98c4b738b (deleted)", "MEMBERS_REMOVED 4322a6e98c4b738b removed");
        assertThat(store.index()).isEqualTo(4);
        assertThat(value("/0/removed_members/4322a6e98c4b738b")).isEmpty();
        refused(Members.add(4, Member.of(A, List.of("http://x:1"), "")), MembershipRefusal.ID_REMOVED);
        refused(Members.remove(5, A), MembershipRefusal.ID_REMOVED);
        refused(Members.update(6, A, List.of(URL_A)), MembershipRefusal.ID_REMOVED);
    }

    @Test
    void everyRefusalHasItsReason() throws V2FormatException {
        addBoth();
        refused(Members.add(3, Member.of(A, List.of("http://x:1"), "")), MembershipRefusal.ID_EXISTS);
        refused(Members.add(4, Member.of(9, List.of("http://x:1", URL_B), "")), MembershipRefusal.PEER_URL_EXISTS);
        refused(Members.update(5, A, List.of(URL_B)), MembershipRefusal.PEER_URL_EXISTS);
        refused(Members.update(6, 9, List.of("http://x:1")), MembershipRefusal.ID_NOT_FOUND);
        refused(Members.remove(7, 9), MembershipRefusal.ID_NOT_FOUND);
        refused(
                change(
                        ConfChange.Type.ADD_NODE,
                        A,
                        "{\"id\":4837612471760679819,\"peerURLs\":null,\"isPromote\":true}"),
                MembershipRefusal.NOT_A_LEARNER);
        assertThat(members.apply(Members.update(8, A, List.of(URL_A, "http://x:1"))))
                .isInstanceOf(MembershipChange.Updated.class);
        assertThat(value("/0/members/4322a6e98c4b738b/raftAttributes"))
                .isEqualTo("{\"peerURLs\":[\"" + URL_A + "\",\"http://x:1\"]}");
    }

    @Test
    void aLearnerIsAddedOnceAndPromoted() throws V2FormatException {
        addBoth();
        var learner = new Member(7, List.of("http://127.0.0.1:31405"), "", List.of(), true);
        assertThat(new String(Members.add(1, learner).context(), StandardCharsets.UTF_8))
                .isEqualTo("{\"id\":7,\"peerURLs\":[\"http://127.0.0.1:31405\"],\"isLearner\":true}");
        assertThat(members.apply(Members.add(1, learner))).isInstanceOf(MembershipChange.Added.class);
        refused(
                Members.add(2, new Member(8, List.of("http://y:1"), "", List.of(), true)),
                MembershipRefusal.TOO_MANY_LEARNERS);
        var promotion = change(ConfChange.Type.ADD_NODE, 7, "{\"id\":7,\"peerURLs\":null,\"isPromote\":true}");
        assertThat(members.apply(promotion)).isInstanceOf(MembershipChange.Promoted.class);
        assertThat(value("/0/members/7/raftAttributes")).isEqualTo("{\"peerURLs\":[\"http://127.0.0.1:31405\"]}");
    }

    @Test
    void aContextThatDescribesNobodyOrSomebodyElseStopsTheMember() {
        for (var context : List.of("", "x", "[]", "{\"id\":5}", "{\"id\":9,\"peerURLs\":3}", "{\"id\":9} {}")) {
            assertThatThrownBy(() -> members.apply(change(ConfChange.Type.ADD_NODE, 9, context)))
                    .as(context)
                    .isInstanceOf(V2FormatException.class);
        }
        assertThat(store.index()).isZero();
    }

    @Test
    void aMemberPublishesItself() throws V2FormatException {
        addBoth();
        var attributes = new Member.Attributes("m2", List.of("http://127.0.0.1:32011"));
        var request = Members.publish(5, A, attributes);
        assertThat(request.getPath()).isEqualTo("/0/members/4322a6e98c4b738b/attributes");
        assertThat(request.getVal()).isEqualTo("{\"name\":\"m2\",\"clientURLs\":[\"http://127.0.0.1:32011\"]}");
        var change = Objects.requireNonNull(members.apply(request));
        assertThat(change).isInstanceOfSatisfying(MembershipChange.Published.class, published -> {
            assertThat(published.member().started()).isTrue();
            assertThat(text(published.writes().getFirst()))
                    .isEqualTo("MEMBERS 4322a6e98c4b738b {\"id\":4837612471760679819,\"peerURLs\":[\"" + URL_A
                            + "\"],\"name\":\"m2\",\"clientURLs\":[\"http://127.0.0.1:32011\"]}");
        });
        assertThat(Objects.requireNonNull(members.now().memberNamed("m2")).id()).isEqualTo(A);

        members.apply(Members.remove(3, A));
        assertThat(members.apply(request)).isEqualTo(new MembershipChange.PublishedByRemoved(A));
        assertThatThrownBy(() -> members.apply(Members.publish(6, 0xabcL, attributes)))
                .hasMessage("error updating attributes of unknown member abc");
        var garbage = request.toBuilder().setVal("x").build();
        assertThatThrownBy(() -> members.apply(garbage)).isInstanceOf(V2FormatException.class);
    }

    @Test
    void aPublishIsTheRequestThatGoSends() {
        var bytes = Members.publish(
                        0x21cda2054c3ba501L,
                        0xa658211b07521cdL,
                        new Member.Attributes("m2", List.of("http://127.0.0.1:32011")))
                .toByteArray();
        // All fields but the two that may be absent.
        assertThat(bytes)
                .hasSize(132)
                .endsWith(
                        0x28, 0, 0x32, 0, 0x38, 0, 0x48, 0, 0x50, 0, 0x58, 0, 0x60, 0, 0x68, 0, 0x70, 0, 0x78, 0, 0x80,
                        1, 0);
    }

    @Test
    void theVersionIsSetByARequest() throws V2FormatException {
        var version = new ClusterVersion(3, 3, 0);
        var change = Objects.requireNonNull(members.apply(Members.setVersion(1, version)));
        assertThat(change).isInstanceOfSatisfying(MembershipChange.VersionSet.class, set -> {
            assertThat(set.before()).isNull();
            assertThat(text(set.writes().getFirst())).isEqualTo("CLUSTER clusterVersion 3.3.0");
        });
        assertThat(members.now().version()).isEqualTo(version);
        assertThat(value("/0/version")).isEqualTo("3.3.0");
        var garbage = Members.setVersion(2, version).toBuilder().setVal("3.3").build();
        assertThatThrownBy(() -> members.apply(garbage)).isInstanceOf(V2FormatException.class);
    }

    @Test
    void ordinaryRequestsAreLeftToTheTree() throws V2FormatException {
        addBoth();
        var publish = Members.publish(5, A, new Member.Attributes("m2", List.of()));
        for (var request : List.of(
                Request.newBuilder().setMethod("PUT").setPath("/1/k").build(),
                publish.toBuilder().setMethod("DELETE").build(),
                publish.toBuilder().setPrevExist(true).build(),
                publish.toBuilder().setPrevIndex(1).build(),
                publish.toBuilder().setPrevValue("x").build(),
                publish.toBuilder().setPath("/1" + publish.getPath()).build(),
                publish.toBuilder().setPath("/0/members/xyz/attributes").build(),
                Request.newBuilder().setMethod("SYNC").build())) {
            assertThat(members.apply(request)).as(request.getPath()).isNull();
        }
    }

    @Test
    void aRealSnapshotHasItsMembers() throws IOException {
        try (var in = V2Store.class.getResourceAsStream("v2data-removed-member-3.3.json")) {
            store.recover(Objects.requireNonNull(in).readAllBytes());
        }
        members.load();
        var now = members.now();
        assertThat(now.members())
                .containsExactly(new Member(
                        0x42061ccd36c94ccfL,
                        List.of("http://127.0.0.1:31041"),
                        "m1",
                        List.of("http://127.0.0.1:31040"),
                        false));
        assertThat(now.isRemoved(0x72e5fa39c23d252L)).isTrue();
        assertThat(now.version()).isEqualTo(new ClusterVersion(3, 3, 0));
    }

    @Test
    void loadingReadsBackWhatWasApplied() throws V2FormatException {
        addBoth();
        members.apply(Members.publish(5, A, new Member.Attributes("<m>", List.of("http://c:1"))));
        members.apply(Members.setVersion(6, new ClusterVersion(3, 2, 0)));
        members.apply(Members.add(7, new Member(7, List.of("http://l:1"), "", List.of(), true)));
        members.apply(Members.remove(8, B));
        var copy = new V2Store();
        copy.recover(store.save());
        var loaded = new Members(copy);
        loaded.load();
        assertThat(loaded.now()).isEqualTo(members.now());
    }

    @Test
    void whatIsNoMemberIsTold() {
        store.set("/0/members/abc/other", "x");
        assertThatThrownBy(members::load)
                .hasMessage("nodeToMember should never fail: unknown key \"/0/members/abc/other\"");
        store.delete("/0/members/abc");
        store.set("/0/members/abc/attributes", "{}");
        assertThatThrownBy(members::load)
                .hasMessage("nodeToMember should never fail: raftAttributes key doesn't exist");
    }

    @Test
    void theTreeOfAFoundedClusterIsTheOneThatEtcdMakes() throws Exception {
        var founding = InitialCluster.parse("n1=" + URL_B + ",n2=" + URL_A).found("tk");
        for (var change : founding.confChanges()) {
            members.apply(change);
        }
        try (var in = V2Store.class.getResourceAsStream("restored-2-members-3.3.json")) {
            assertThat(new String(store.save(), StandardCharsets.UTF_8))
                    .isEqualTo(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
