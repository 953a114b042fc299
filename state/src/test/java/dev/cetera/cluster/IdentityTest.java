package dev.cetera.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.raft.ConfChange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class IdentityTest {
    @Test
    void foundingIdsAreThoseThatEtcdComputes() {
        assertThat(MemberId.text(MemberId.founding(List.of("http://127.0.0.1:31131"), "tk")))
                .isEqualTo("b502705207e59593");
        assertThat(MemberId.text(MemberId.founding(List.of("http://127.0.0.1:31133"), "tk")))
                .isEqualTo("4322a6e98c4b738b");
        assertThat(MemberId.text(MemberId.cluster(List.of(0xb502705207e59593L, 0x4322a6e98c4b738bL))))
                .isEqualTo("94f2ef6b2431dec9");
        assertThat(MemberId.text(MemberId.founding(List.of("http://127.0.0.1:32010"), "etcd-cluster")))
                .isEqualTo("a658211b07521cd");
    }

    @Test
    void anAddedMembersIdDependsOnTheTime() {
        assertThat(MemberId.text(MemberId.added(List.of("http://127.0.0.1:32130"), 1795385624)))
                .isEqualTo("8bdb8ec7a809883a");
    }

    @Test
    void theOrderOfUrlsDoesNotMatterForAnId() {
        assertThat(MemberId.founding(List.of("http://b:1", "http://a:1"), "t"))
                .isEqualTo(MemberId.founding(List.of("http://a:1", "http://b:1"), "t"));
    }

    @Test
    void idsAreUnsignedHexWithoutPadding() {
        assertThat(MemberId.parse("ffffffffffffffff")).hasValue(-1);
        assertThat(MemberId.parse("0A")).hasValue(10);
        for (var bad : List.of("", "x", "10000000000000000", "-1", "+1", " 1")) {
            assertThat(MemberId.parse(bad)).as(bad).isEmpty();
        }
        assertThat(MemberId.text(0xce43ac72f18eefeL)).isEqualTo("ce43ac72f18eefe");
    }

    @Test
    void aClusterIsFoundedByAscendingId() throws BadClusterException {
        var cluster =
                InitialCluster.parse("m1=http://127.0.0.1:32000,m2=http://127.0.0.1:32010,m3=http://127.0.0.1:32020");
        var founding = cluster.found("etcd-cluster");
        assertThat(MemberId.text(founding.clusterId())).isEqualTo("9ae45c0afb30b22d");
        assertThat(founding.members().stream().map(Member::name)).containsExactly("m2", "m3", "m1");
        var first = founding.confChanges().getFirst();
        assertThat(first.id()).isZero();
        assertThat(first.type()).isEqualTo(ConfChange.Type.ADD_NODE);
        assertThat(first.nodeId()).isEqualTo(749147925513576909L);
        assertThat(new String(first.context(), StandardCharsets.UTF_8))
                .isEqualTo("{\"id\":749147925513576909,\"peerURLs\":[\"http://127.0.0.1:32010\"],\"name\":\"m2\"}");
    }

    private static void assertBadUrl(String url, String message) {
        assertThatThrownBy(() -> PeerUrls.parse(List.of("http://a:1", url)))
                .isInstanceOf(BadClusterException.class)
                .hasMessage(message);
    }

    @Test
    void badUrlsAreRefusedInEtcdsWords() {
        assertBadUrl("foo", "URL scheme must be http, https, unix, or unixs: foo");
        assertBadUrl("", "URL scheme must be http, https, unix, or unixs: ");
        assertBadUrl("ftp://a:1", "URL scheme must be http, https, unix, or unixs: ftp://a:1");
        assertBadUrl("http://127.0.0.1", "URL address does not have the form \"host:port\": http://127.0.0.1");
        assertBadUrl("http:a:1", "URL address does not have the form \"host:port\": http:a:1");
        assertBadUrl("http://::1:80", "URL address does not have the form \"host:port\": http://::1:80");
        assertBadUrl("http://127.0.0.1:1/path", "URL must not contain a path: http://127.0.0.1:1/path");
        assertBadUrl("http://127.0.0.1:1/", "URL must not contain a path: http://127.0.0.1:1/");
        assertThatThrownBy(() -> PeerUrls.parse(List.of())).hasMessage("no valid URLs given");
    }

    @Test
    void urlsAreSortedAndTheirSchemeIsLowered() throws BadClusterException {
        assertThat(PeerUrls.parse(List.of(" HTTP://b:2 ", "https://[::1]:1", "http://B:2", "unix://m0:0")))
                .containsExactly("http://B:2", "http://b:2", "https://[::1]:1", "unix://m0:0");
        assertThat(PeerUrls.host("https://[::1]:1")).isEqualTo("::1");
        assertThat(PeerUrls.host("http://b:2")).isEqualTo("b");
    }

    @Test
    void theInitialClusterIsReadAsTheFlagIsWritten() throws BadClusterException {
        var cluster = InitialCluster.parse("b=http://b:1,,a=http://a:2,a=http://a:1,");
        assertThat(cluster).hasToString("a=http://a:1,a=http://a:2,b=http://b:1");
        assertThat(cluster.urls("a")).containsExactly("http://a:1", "http://a:2");
        cluster.check("a");
        assertThatThrownBy(() -> cluster.check("zz"))
                .hasMessage("couldn't find local name \"zz\" in the initial cluster configuration");
        var twice = InitialCluster.parse("a=http://a:1,b=http://a:1");
        assertThatThrownBy(() -> twice.check("a"))
                .hasMessage("initial cluster a=http://a:1,b=http://a:1 has duplicate url");
        assertThatThrownBy(() -> InitialCluster.parse("http://a:1"))
                .hasMessage("error setting up initial cluster: URL scheme must be http, https, unix, or unixs: ");
        assertThat(InitialCluster.parse("").isEmpty()).isTrue();
    }

    @Test
    void whatIsAdvertisedMustBeWhatTheClusterNames() throws BadClusterException {
        var cluster = InitialCluster.parse("default=http://localhost:2380");
        var same = UnaryOperator.<String>identity();
        cluster.checkAdvertised("default", List.of("http://localhost:2380"), same);
        assertThatThrownBy(() -> cluster.checkAdvertised("default", List.of("http://127.0.0.1:33680"), same))
                .hasMessage("--initial-cluster has default=http://localhost:2380 but missing from"
                        + " --initial-advertise-peer-urls=http://127.0.0.1:33680"
                        + " (\"http://127.0.0.1:33680\"(resolved from \"http://127.0.0.1:33680\") !="
                        + " \"http://localhost:2380\"(resolved from \"http://localhost:2380\"))");
        assertThatThrownBy(
                        () -> cluster.checkAdvertised("default", List.of("http://localhost:2380", "http://x:1"), same))
                .hasMessage("--initial-advertise-peer-urls has http://x:1 but missing from"
                        + " --initial-cluster=default=http://localhost:2380,default=http://x:1");
        UnaryOperator<String> resolve = url -> url.replace("name", "10.0.0.1");
        InitialCluster.parse("a=http://name:1").checkAdvertised("a", List.of("http://10.0.0.1:1"), resolve);
    }

    @Test
    void versionsCompareByNumber() {
        var v33 = Objects.requireNonNull(ClusterVersion.parse("3.3.27"));
        assertThat(v33.withoutPatch().text()).isEqualTo("3.3.0");
        assertThat(v33.shortText()).isEqualTo("3.3");
        assertThat(ClusterVersion.parse("3.10.0")).isGreaterThan(v33);
        assertThat(ClusterVersion.parse("3.4.0-rc.0")).isEqualTo(new ClusterVersion(3, 4, 0));
        for (var bad : List.of("", "3", "3.3", "a.b.c", "not_decided", "3.3.0.0")) {
            assertThat(ClusterVersion.parse(bad)).as(bad).isNull();
        }
    }

    @Test
    void aNewerClusterRefusesAnOlderProgram() {
        var server = new ClusterVersion(3, 3, 27);
        assertThat(new ClusterVersion(3, 3, 0).refuses(server)).isNull();
        assertThat(new ClusterVersion(3, 2, 0).refuses(server)).isNull();
        assertThat(new ClusterVersion(3, 4, 0).refuses(server))
                .isEqualTo("cluster cannot be downgraded (current version: 3.3.27 is lower than determined cluster"
                        + " version: 3.4).");
    }
}
