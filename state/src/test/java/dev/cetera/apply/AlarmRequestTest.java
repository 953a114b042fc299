package dev.cetera.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmRequest.AlarmAction;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.auth.Credentials;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.schema.Backend;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Alarms as any client may ask for them: whatever the request says, it must not stop the member, which would
/// meet the same entry again at its next start.
class AlarmRequestTest {
    private static final Path DB = Path.of("/db");

    private final FakeDisk disk = new FakeDisk(1);
    private Backend backend = Backend.open(disk, DB);
    private StateMachine machine = machine();
    private long index;

    AlarmRequestTest() throws IOException {}

    @Test
    void anAlarmStaysRaisedOverARestartUntilItIsDisarmed() throws IOException {
        assertThat(ask(AlarmAction.ACTIVATE, 1, 7)).containsExactly(alarm(1, 7));
        assertThat(ask(AlarmAction.ACTIVATE, 1, 7)).containsExactly(alarm(1, 7));
        reopen();
        assertThat(machine.alarms().raised(AlarmType.NOSPACE)).isTrue();
        assertThat(ask(AlarmAction.DEACTIVATE, 1, 7)).containsExactly(alarm(1, 7));
        assertThat(ask(AlarmAction.DEACTIVATE, 1, 7)).isEmpty();
        reopen();
        assertThat(machine.alarms().list()).isEmpty();
    }

    @Test
    void anAlarmOfALaterVersionIsKeptAsItIs() throws IOException {
        assertThat(ask(AlarmAction.ACTIVATE, 9, 7)).containsExactly(alarm(9, 7));
        reopen();
        assertThat(ask(AlarmAction.GET, 0, 0)).containsExactly(alarm(9, 7));
        assertThat(ask(AlarmAction.GET, 9, 0)).containsExactly(alarm(9, 7));
        assertThat(ask(AlarmAction.GET, 8, 0)).isEmpty();
        assertThat(ask(AlarmAction.DEACTIVATE, 9, 7)).containsExactly(alarm(9, 7));
    }

    @Test
    void noAlarmOfNobodyIsNotRaised() throws IOException {
        assertThat(ask(AlarmAction.ACTIVATE, 0, 0)).isEmpty();
        reopen();
        assertThat(machine.alarms().list()).isEmpty();
    }

    @Test
    void anActionOfALaterVersionDoesNothing() throws IOException {
        var request = AlarmRequest.newBuilder().setActionValue(9).setAlarm(AlarmType.NOSPACE);
        assertThat(apply(request)).isEmpty();
        assertThat(machine.alarms().list()).isEmpty();
    }

    private List<AlarmMember> ask(AlarmAction action, int type, long member) throws IOException {
        return apply(
                AlarmRequest.newBuilder().setAction(action).setAlarmValue(type).setMemberID(member));
    }

    private List<AlarmMember> apply(AlarmRequest.Builder request) throws IOException {
        index++;
        var entry = InternalRaftRequest.newBuilder().setID(index).setAlarm(request);
        var applied = machine.apply(
                new Entry(1, index, EntryType.NORMAL, entry.build().toByteArray()), 0, 0);
        assertThat(applied).isInstanceOf(Applied.Request.class);
        var outcome = ((Applied.Request) applied).outcome();
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((AlarmResponse) ((Outcome.Done<?>) outcome).response()).getAlarmsList();
    }

    private void reopen() throws IOException {
        backend.commit();
        backend.close();
        backend = Backend.open(disk, DB);
        machine = machine();
    }

    private StateMachine machine() throws IOException {
        var legacy = new V2Store();
        var release = new ClusterVersion(3, 3, 27);
        return StateMachine.open(
                        backend,
                        legacy,
                        new Members(legacy),
                        1,
                        Long.MAX_VALUE,
                        release,
                        Credentials.withoutSessions(),
                        _ -> {})
                .machine();
    }

    private static AlarmMember alarm(int type, long member) {
        return AlarmMember.newBuilder().setAlarmValue(type).setMemberID(member).build();
    }
}
