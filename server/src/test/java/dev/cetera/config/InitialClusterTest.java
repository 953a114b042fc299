package dev.cetera.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cetera.config.CommandLine.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class InitialClusterTest {
    private static String unusable(String... args) {
        var run = (Outcome.Run) CommandLine.read(List.of(args), Map.of());
        var thrown = catchThrowableOfType(InitialCluster.Unusable.class, () -> InitialCluster.of(run.config()));
        return String.valueOf(thrown.getMessage());
    }

    @Test
    void aMemberThatIsItsOwnClusterIsFine() throws Exception {
        var run = (Outcome.Run) CommandLine.read(List.of("--name=a"), Map.of());
        assertThat(InitialCluster.of(run.config())).hasToString("a=http://localhost:2380");
    }

    @Test
    void theOwnNameMustBeThere() {
        assertThat(unusable("--name=zz", "--initial-cluster=a=http://127.0.0.1:1"))
                .isEqualTo("couldn't find local name \"zz\" in the initial cluster configuration");
    }

    @Test
    void theOwnUrlsMustBeTheAdvertisedOnes() {
        assertThat(unusable("--initial-advertise-peer-urls=http://127.0.0.1:33680"))
                .isEqualTo("--initial-cluster has default=http://localhost:2380 but missing from "
                        + "--initial-advertise-peer-urls=http://127.0.0.1:33680 (\"http://127.0.0.1:33680\"(resolved from "
                        + "\"http://127.0.0.1:33680\") != \"http://localhost:2380\"(resolved from "
                        + "\"http://localhost:2380\"))");
    }

    @Test
    void aUrlBelongsToOneMember() {
        assertThat(unusable("--initial-cluster=default=http://localhost:2380,b=http://localhost:2380"))
                .isEqualTo("initial cluster b=http://localhost:2380,default=http://localhost:2380 has duplicate url");
    }

    @Test
    void severalMembersAreNotServed() {
        assertThat(unusable("--initial-cluster=default=http://localhost:2380,b=http://10.0.0.2:2380"))
                .endsWith("this version runs single-member clusters only");
    }
}
