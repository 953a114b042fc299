package dev.cetera.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.etcdserverpb.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class V2StoreTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long NOW = 1_800_000_000L * SECOND;

    private final V2Store store = new V2Store();

    private static Request.Builder request(String method, String path) {
        return Request.newBuilder().setMethod(method).setPath(path);
    }

    private static Request.Builder put(String path, String value) {
        return request("PUT", path).setVal(value);
    }

    private V2Outcome apply(Request.Builder request) {
        return store.apply(request.build(), NOW);
    }

    private V2Event done(Request.Builder request) {
        var outcome = apply(request);
        assertThat(outcome).isInstanceOf(V2Outcome.Done.class);
        return ((V2Outcome.Done) outcome).event();
    }

    private void refused(Request.Builder request, V2Error.Code code, String detail) {
        var before = store.index();
        var saved = new String(store.save(), StandardCharsets.UTF_8).replaceAll("\"Stats\".*", "");
        assertThat(apply(request)).isEqualTo(new V2Outcome.Refused(new V2Error(code, detail, before)));
        assertThat(new String(store.save(), StandardCharsets.UTF_8).replaceAll("\"Stats\".*", ""))
                .isEqualTo(saved);
    }

    private V2Node node(String path) {
        var outcome = store.get(path, V2Store.Depth.TREE, NOW);
        assertThat(outcome).as(path).isInstanceOf(V2Outcome.Done.class);
        return ((V2Outcome.Done) outcome).event().node();
    }

    private List<String> names(String path) {
        return Objects.requireNonNull(node(path).nodes()).stream()
                .map(V2Node::key)
                .toList();
    }

    @Test
    void aPutCreatesOrReplacesAndMakesDirectoriesWithTheSameIndex() {
        var created = done(put("/1/a/b", "v"));
        assertThat(created.action()).isEqualTo(V2Action.SET);
        assertThat(created.created()).isTrue();
        assertThat(created.node()).isEqualTo(new V2Node("/1/a/b", "v", false, null, 0, null, 1, 1));
        assertThat(node("/1/a").createdIndex()).isEqualTo(1);
        var replaced = done(put("/1/a/b", "w"));
        assertThat(replaced.created()).isFalse();
        assertThat(replaced.previous()).isEqualTo(created.node());
        assertThat(replaced.node().createdIndex()).isEqualTo(2);
        assertThat(done(put("/1/a/b", "").setDir(true)).node().dir()).isTrue();
        refused(put("/1/a/b", "x"), V2Error.Code.NOT_A_FILE, "/1/a/b");
    }

    @Test
    void theRootAndTheNamespacesAreReadOnly() {
        for (var path : List.of("/", "/0", "/1", "/1/", "/1/x/..", "//1", "")) {
            refused(put(path, "x"), V2Error.Code.ROOT_IS_READ_ONLY, "/");
            refused(put(path, "x").setPrevExist(true), V2Error.Code.ROOT_IS_READ_ONLY, "/");
            refused(put(path, "x").setPrevExist(false), V2Error.Code.ROOT_IS_READ_ONLY, "/");
            refused(put(path, "x").setPrevIndex(3), V2Error.Code.ROOT_IS_READ_ONLY, "/");
            refused(request("DELETE", path).setRecursive(true), V2Error.Code.ROOT_IS_READ_ONLY, "/");
        }
        refused(request("DELETE", "/1").setPrevIndex(1), V2Error.Code.NOT_A_FILE, "/1");
    }

    @Test
    void prevExistDecidesBetweenCreateAndUpdate() {
        refused(put("/1/k", "x").setPrevExist(true), V2Error.Code.KEY_NOT_FOUND, "/1/k");
        assertThat(done(put("/1/k", "v").setPrevExist(false)).action()).isEqualTo(V2Action.CREATE);
        refused(put("/1/k", "v").setPrevExist(false), V2Error.Code.KEY_EXISTS, "/1/k");
        var updated = done(put("/1/k", "w").setPrevExist(true));
        assertThat(updated.action()).isEqualTo(V2Action.UPDATE);
        assertThat(updated.node()).isEqualTo(new V2Node("/1/k", "w", false, null, 0, null, 2, 1));
        assertThat(done(put("/1/k", "x").setPrevExist(true).setPrevIndex(2)).action())
                .isEqualTo(V2Action.COMPARE_AND_SWAP);
    }

    @Test
    void comparisonsTellWhatTheyFound() {
        done(put("/1/k", "v"));
        refused(put("/1/k", "x").setPrevValue("u"), V2Error.Code.COMPARE_FAILED, "[u != v]");
        refused(put("/1/k", "x").setPrevIndex(9), V2Error.Code.COMPARE_FAILED, "[9 != 1]");
        refused(put("/1/k", "x").setPrevValue("u").setPrevIndex(9), V2Error.Code.COMPARE_FAILED, "[u != v] [9 != 1]");
        refused(request("DELETE", "/1/k").setPrevValue("u"), V2Error.Code.COMPARE_FAILED, "[u != v]");
        refused(put("/1/none", "x").setPrevIndex(9), V2Error.Code.KEY_NOT_FOUND, "/1/none");
        assertThat(done(put("/1/k", "x").setPrevValue("v").setPrevIndex(1)).node())
                .isEqualTo(new V2Node("/1/k", "x", false, null, 0, null, 2, 1));
        var deleted = done(request("DELETE", "/1/k").setPrevIndex(2));
        assertThat(deleted.action()).isEqualTo(V2Action.COMPARE_AND_DELETE);
        assertThat(deleted.node()).isEqualTo(new V2Node("/1/k", null, false, null, 0, null, 3, 1));
        done(put("/1/d/f", "v"));
        refused(put("/1/d", "x").setPrevIndex(4), V2Error.Code.NOT_A_FILE, "/1/d");
    }

    @Test
    void deletingDirectoriesNeedsToBeAskedFor() {
        done(put("/1/d/f", "v"));
        refused(request("DELETE", "/1/x/y"), V2Error.Code.KEY_NOT_FOUND, "/1/x");
        refused(request("DELETE", "/1/d"), V2Error.Code.NOT_A_FILE, "/1/d");
        refused(request("DELETE", "/1/d").setDir(true), V2Error.Code.DIRECTORY_NOT_EMPTY, "/1/d");
        refused(request("DELETE", "/1/d/f/g"), V2Error.Code.NOT_A_DIRECTORY, "/1/d/f");
        refused(put("/1/d/f/g", "v"), V2Error.Code.NOT_A_DIRECTORY, "/1/d/f");
        refused(request("POST", "/1/d/f"), V2Error.Code.NOT_A_DIRECTORY, "/1/d/f");
        done(request("DELETE", "/1/d/f"));
        assertThat(done(request("DELETE", "/1/d").setDir(true)).node().dir()).isTrue();
        done(put("/1/d/e/f", "v"));
        done(request("DELETE", "/1/d").setRecursive(true));
        refused(request("QGET", "/1/d"), V2Error.Code.KEY_NOT_FOUND, "/1/d");
    }

    @Test
    void aPostMakesNamesThatSortInOrder() {
        assertThat(done(request("POST", "/1/q").setVal("a")).node().key()).isEqualTo("/1/q/00000000000000000001");
        assertThat(done(request("POST", "/1/q").setVal("b")).node().key()).isEqualTo("/1/q/00000000000000000002");
        assertThat(names("/1/q")).containsExactly("/1/q/00000000000000000001", "/1/q/00000000000000000002");
    }

    @Test
    void hiddenNodesAreListedNowhereButCanBeRead() {
        done(put("/1/d/_h", "x"));
        done(put("/1/d/v", "y"));
        assertThat(names("/1/d")).containsExactly("/1/d/v");
        assertThat(node("/1/d/_h").value()).isEqualTo("x");
    }

    @Test
    void readsGoAsDeepAsAsked() {
        done(put("/1/d/e/f", "v"));
        var shallow = ((V2Outcome.Done) apply(request("QGET", "/1/d"))).event().node();
        assertThat(Objects.requireNonNull(shallow.nodes()).getFirst().nodes()).isNull();
        var deep = done(request("QGET", "/1/d").setRecursive(true)).node();
        var e = Objects.requireNonNull(deep.nodes()).getFirst();
        assertThat(Objects.requireNonNull(e.nodes()).getFirst().value()).isEqualTo("v");
        assertThat(store.index()).isEqualTo(1);
    }

    @Test
    void keysExpireInOrderWhenASyncSaysSo() {
        done(put("/1/b", "x").setExpiration(NOW + 5 * SECOND));
        done(put("/1/a", "x").setExpiration(NOW + 7 * SECOND));
        done(put("/1/d", "").setDir(true).setExpiration(NOW + 6 * SECOND));
        done(put("/1/d/f", "x").setExpiration(NOW + 9 * SECOND));
        assertThat(node("/1/b").ttlSeconds()).isEqualTo(5);
        assertThat(node("/1/b").expiration()).isEqualTo(Instant.ofEpochSecond(0, NOW + 5 * SECOND));
        assertThat(store.hasTtlKeys()).isTrue();
        assertThat(apply(request("SYNC", "").setTime(NOW + 5 * SECOND - 1))).isEqualTo(new V2Outcome.Silent());
        assertThat(store.index()).isEqualTo(4);
        apply(request("SYNC", "").setTime(NOW + 6 * SECOND));
        assertThat(store.index()).isEqualTo(6);
        assertThat(names("/1")).containsExactly("/1/a");
        apply(request("SYNC", "").setTime(NOW + 20 * SECOND));
        assertThat(store.index()).isEqualTo(7);
        assertThat(store.hasTtlKeys()).isFalse();
    }

    @Test
    void anUpdateSetsOrRemovesTheTimeToLive() {
        done(put("/1/k", "v").setExpiration(NOW + SECOND / 2));
        assertThat(node("/1/k").ttlSeconds()).isEqualTo(1);
        done(put("/1/k", "v").setPrevExist(true));
        assertThat(store.hasTtlKeys()).isFalse();
        done(put("/1/k", "v").setPrevExist(true).setExpiration(NOW + 3 * SECOND));
        assertThat(store.hasTtlKeys()).isTrue();
        done(put("/1/d/f", ""));
        refused(put("/1/d", "x").setPrevExist(true), V2Error.Code.NOT_A_FILE, "/1/d");
        var directory = done(put("/1/d", "").setPrevExist(true).setExpiration(NOW + SECOND));
        assertThat(directory.node().modifiedIndex()).isEqualTo(5);
        assertThat(node("/1/d").modifiedIndex()).isEqualTo(4);
        assertThat(done(put("/1/old", "v").setExpiration(5)).node().expiration())
                .isNull();
    }

    @Test
    void aRefreshKeepsTheValueAndIsMarkedInTheHistory() {
        refused(put("/1/k", "").setRefresh(true), V2Error.Code.KEY_NOT_FOUND, "/1/k");
        done(put("/1/k", "v").setExpiration(NOW + SECOND));
        var refreshed = done(put("/1/k", "").setRefresh(true).setExpiration(NOW + 9 * SECOND));
        assertThat(refreshed.refresh()).isTrue();
        assertThat(refreshed.node().value()).isEqualTo("v");
        assertThat(refreshed.node().ttlSeconds()).isEqualTo(9);
        assertThat(new String(store.save(), StandardCharsets.UTF_8)).contains(",\"refresh\":true}");
    }

    @Test
    void anUnknownMethodChangesNothing() {
        assertThat(apply(request("GET", "/1/k"))).isEqualTo(new V2Outcome.UnknownMethod());
        assertThat(store.index()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rich-3.2",
                "rich-3.3",
                "rich-3.4",
                "restored-2-members-3.3",
                "restored-2-members-3.4",
                "v2data-removed-member-3.3"
            })
    void aRealSnapshotIsReadAndWrittenByteForByte(String name) throws IOException {
        var json = golden(name);
        store.recover(json);
        assertThat(new String(store.save(), StandardCharsets.UTF_8))
                .isEqualTo(new String(json, StandardCharsets.UTF_8));
    }

    static byte[] golden(String name) throws IOException {
        try (var in = V2StoreTest.class.getResourceAsStream(name + ".json")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }

    @Test
    void aRealSnapshotHasItsUsersKeys() throws IOException {
        store.recover(golden("v2data-removed-member-3.3"));
        assertThat(store.index()).isEqualTo(11);
        assertThat(node("/1/d1/f1").value()).isEqualTo("hello");
        assertThat(node("/1/h<t>&ml").value()).startsWith("<a>&");
        assertThat(node("/1/ttl").expiration()).isEqualTo(Instant.parse("2026-11-22T23:10:26.375377614Z"));
        assertThat(store.hasTtlKeys()).isTrue();
        assertThat(done(put("/1/new", "x")).node().createdIndex()).isEqualTo(12);
    }

    @Test
    void theHistoryWrapsAndSurvivesARoundTrip() throws V2FormatException {
        for (int i = 0; i < 1_017; i++) {
            done(put("/1/k" + i % 10, "v" + i));
        }
        var saved = store.save();
        assertThat(new String(saved, StandardCharsets.UTF_8))
                .contains(
                        "\"Size\":1000,\"Front\":17,\"Back\":17,\"Capacity\":1000},\"StartIndex\":18,\"LastIndex\":1017");
        var other = new V2Store();
        other.recover(saved);
        assertThat(other.save()).isEqualTo(saved);
    }

    @Test
    void readingIsTolerant() throws V2FormatException {
        store.recover("""
                {"currentINDEX": 7, "extra": [1, {"a": null}],
                 "ROOT": {"children": {"1": {"Children": {"k": {"value": "v", "createdIndex": 3, "other": true},
                                                        "e": {"ExpireTime": "2030-01-02T03:04:05.5+01:00"}}}},
                          "Path": "/"},
                 "WatcherHub": {"EventHistory": {}}}
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(store.index()).isEqualTo(7);
        assertThat(node("/1/k")).isEqualTo(new V2Node("/1/k", "v", false, null, 0, null, 0, 3));
        assertThat(node("/1/e").expiration()).isEqualTo(Instant.parse("2030-01-02T02:04:05.5Z"));
        assertThat(new String(store.save(), StandardCharsets.UTF_8)).contains("\"2030-01-02T02:04:05.5Z\"");
        assertThat(done(put("/1/k", "w")).node().modifiedIndex()).isEqualTo(8);
    }

    @Test
    void aShortHistoryIsTakenOver() throws V2FormatException {
        store.recover("""
                {"Root":{"Path":"/","Children":{"0":{"Children":{}},"1":{"Children":{}}}},
                 "WatcherHub":{"EventHistory":{"Queue":{"Events":[
                   {"action":"set","node":{"key":"/1/b","value":"x","modifiedIndex":3,"createdIndex":3}},
                   {"action":"set","node":{"key":"/1/a","value":"x","modifiedIndex":2,"createdIndex":2}}],
                   "Size":2,"Front":1,"Back":1,"Capacity":2},"StartIndex":2,"LastIndex":3}},
                 "CurrentIndex":3}
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(new String(store.save(), StandardCharsets.UTF_8))
                .contains("\"Size\":2,\"Front\":0,\"Back\":2,\"Capacity\":1000},\"StartIndex\":2,\"LastIndex\":3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"Root\":null}",
                "{\"Root\":{}}",
                "{\"Root\":{\"Children\":{}}} x",
                "{\"Root\":{\"Children\":{},\"CreatedIndex\":\"x\"}}",
                "{\"Root\":{\"Children\":{},\"CreatedIndex\":-1}}",
                "{\"Root\":{\"Children\":{},\"ExpireTime\":\"soon\"}}",
                "{\"Root\":{\"Children\":[]}}",
                "{\"Root\":{\"Children\":{\"a\":3}}}"
            })
    void whatIsNoTreeIsRefusedAndChangesNothing(String json) {
        done(put("/1/k", "v"));
        var before = store.save();
        assertThatThrownBy(() -> store.recover(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(V2FormatException.class);
        assertThat(store.save()).isEqualTo(before);
    }

    @Test
    void aVeryDeepTreeIsSavedReadAndDeleted() throws V2FormatException {
        done(put("/1" + "/a".repeat(3_000), "v"));
        var saved = store.save();
        var other = new V2Store();
        other.recover(saved);
        assertThat(other.save()).isEqualTo(saved);
        assertThat(other.get("/1", V2Store.Depth.TREE, NOW)).isInstanceOf(V2Outcome.Done.class);
        other.delete("/1/a");
        assertThat(other.get("/1/a", V2Store.Depth.CHILDREN, NOW)).isInstanceOf(V2Outcome.Refused.class);
    }

    private static void assertUnreadable(String json, String why) {
        assertThatThrownBy(() -> new V2Store().recover(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(V2FormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aTreeThatNobodyCouldSaveIsRefused() {
        for (var name : List.of("a/b", "", "..")) {
            assertUnreadable("{\"Root\":{\"Children\":{\"" + name + "\":{}}}}", "impossible name");
        }
        var deep = "{\"Root\":" + "{\"Children\":{\"a\":".repeat(3000) + "{}" + "}}".repeat(3000) + "}";
        assertUnreadable(deep, "deeper than its text");
        assertUnreadable(
                "{\"Root\":{\"ExpireTime\":\"+999999999-12-31T23:59:59Z\",\"Children\":{}}}",
                "a time that Go can't write");
    }
}
