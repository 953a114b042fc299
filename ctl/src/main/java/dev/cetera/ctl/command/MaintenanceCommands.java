package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.print.ClusterAnswers;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.rpc.RpcException;
import java.io.IOException;
import java.util.List;

/// Care of members: alarms, and who leads.
final class MaintenanceCommands {
    static final Command<Session> ALARM = Command.group(
            "alarm <subcommand>",
            "Alarm related commands",
            List.of(),
            List.of(
                    Command.of("disarm", "Disarms all alarms", MaintenanceCommands::disarm),
                    Command.of("list", "Lists all alarms", MaintenanceCommands::alarms)));
    static final Command<Session> MOVE_LEADER = Command.of(
            "move-leader <transferee-member-id>",
            "Transfers leadership to another etcd cluster member.",
            MaintenanceCommands::moveLeader);

    private MaintenanceCommands() {}

    private static void alarms(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "alarm list command accepts no arguments");
        session.print(ClusterAnswers.alarms(raised(session)));
    }

    private static AlarmResponse raised(Session session) throws Failure, IOException {
        return session.ask(
                MaintenanceGrpc.getAlarmMethod(),
                AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.GET)
                        .build());
    }

    private static void disarm(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "alarm disarm command accepts no arguments");
        var all = AlarmResponse.newBuilder();
        for (var alarm : raised(session).getAlarmsList()) {
            var request = AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                    .setMemberID(alarm.getMemberID())
                    .setAlarm(alarm.getAlarm())
                    .build();
            all.addAllAlarms(
                    session.ask(MaintenanceGrpc.getAlarmMethod(), request).getAlarmsList());
        }
        session.print(ClusterAnswers.alarms(all.build()));
    }

    private static void moveLeader(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "move-leader command needs 1 argument");
        long to;
        try {
            to = GoNumbers.parseUnsigned(session.word(0), 16);
        } catch (IllegalArgumentException e) {
            throw Failure.badArguments(String.valueOf(e.getMessage()));
        }
        var rpc = session.rpc();
        try {
            for (var endpoint : session.target().endpoints()) {
                var status = rpc.callAt(
                        endpoint,
                        MaintenanceGrpc.getStatusMethod(),
                        StatusRequest.getDefaultInstance(),
                        session.timeout());
                if (status.getLeader() == status.getHeader().getMemberId()) {
                    var request = MoveLeaderRequest.newBuilder().setTargetID(to).build();
                    var answer =
                            rpc.callAt(endpoint, MaintenanceGrpc.getMoveLeaderMethod(), request, session.timeout());
                    session.print(ClusterAnswers.movedLeader(status.getLeader(), to, answer));
                    return;
                }
            }
        } catch (RpcException e) {
            throw new Failure(Exit.ERROR, e.getMessage());
        }
        throw Failure.badArguments("no leader endpoint given at ["
                + String.join(" ", session.target().endpoints()) + "]");
    }
}
