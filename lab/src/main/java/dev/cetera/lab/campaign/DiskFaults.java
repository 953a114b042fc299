package dev.cetera.lab.campaign;

import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Disks run full, and an operator gives them space again. Meanwhile a member may stop or refuse, whatever it
/// likes best; but what was acknowledged stays.
///
/// Confined to the round's thread.
final class DiskFaults {
    private static final Duration CALL = Duration.ofSeconds(3);

    private final Arena arena;
    private final Map<Member, SmallDisk> disks;

    /// @param disks of the members that have a small one
    DiskFaults(Arena arena, Map<Member, SmallDisk> disks) {
        this.arena = arena;
        this.disks = disks;
    }

    List<Fault> all() {
        return disks.isEmpty() ? List.of() : List.of(new Fault("disk full", 12, this::diskFull));
    }

    private void diskFull() throws IOException, InterruptedException {
        Member victim = new ArrayList<>(disks.keySet()).get(arena.random().nextInt(disks.size()));
        SmallDisk disk = disks.get(victim);
        if (disk == null) {
            throw new IllegalStateException("no disk of " + victim.name());
        }
        arena.note("the disk of " + victim.name() + " is full");
        disk.fill();
        try {
            arena.anyWhile(6000);
            if (arena.random().nextBoolean()) {
                arena.note("kill " + victim.name());
                arena.kill(victim);
                // It may fail to start as well.
                arena.revive(victim);
                arena.anyWhile(4000);
            }
        } finally {
            disk.free();
        }
        boolean ended = !victim.alive();
        arena.note("space again for " + victim.name() + (ended ? ", which has ended" : ""));
        // What it met may end it a moment later, too.
        arena.excuse(victim);
        if (!ended && arena.random().nextBoolean()) {
            arena.stop(victim);
        }
        arena.revive();
        disarm();
    }

    /// As an operator would, once there is space again. When nobody can be asked now, it is done once all has
    /// healed.
    private void disarm() {
        for (Member member : arena.cluster().running()) {
            try {
                disarm(arena.cluster().direct(member));
                return;
            } catch (StatusRuntimeException noAnswer) {
                arena.note("alarms could not be seen to at " + member.name() + ": "
                        + noAnswer.getStatus().getCode());
            }
        }
    }

    /// Fails like a call does.
    static void disarm(Direct direct) {
        var maintenance = MaintenanceGrpc.newBlockingStub(direct.channel());
        var raised = maintenance
                .withDeadlineAfter(CALL)
                .alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.GET)
                        .build());
        for (AlarmMember alarm : raised.getAlarmsList()) {
            var _ = maintenance
                    .withDeadlineAfter(CALL)
                    .alarm(AlarmRequest.newBuilder()
                            .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                            .setMemberID(alarm.getMemberID())
                            .setAlarm(alarm.getAlarm())
                            .build());
        }
    }
}
