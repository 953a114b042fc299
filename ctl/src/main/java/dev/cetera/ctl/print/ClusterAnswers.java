package dev.cetera.ctl.print;

import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.MemberAddResponse;
import dev.cetera.api.etcdserverpb.MemberListResponse;
import dev.cetera.api.etcdserverpb.MemberPromoteResponse;
import dev.cetera.api.etcdserverpb.MemberRemoveResponse;
import dev.cetera.api.etcdserverpb.MemberUpdateResponse;
import dev.cetera.api.etcdserverpb.MoveLeaderResponse;
import dev.cetera.api.etcdserverpb.StatusResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Answers about members.
public final class ClusterAnswers {
    private ClusterAnswers() {}

    public static Answer added(MemberAddResponse answer) {
        var text = "Member " + GoNumbers.padded(answer.getMember().getID()) + " added to cluster "
                + GoNumbers.padded(answer.getHeader().getClusterId());
        return Answer.of(answer, out -> out.line(text));
    }

    public static Answer removed(long id, MemberRemoveResponse answer) {
        var text = "Member " + GoNumbers.padded(id) + " removed from cluster "
                + GoNumbers.padded(answer.getHeader().getClusterId());
        return Answer.of(answer, out -> out.line(text));
    }

    public static Answer updated(long id, MemberUpdateResponse answer) {
        var text = "Member " + GoNumbers.padded(id) + " updated in cluster "
                + GoNumbers.padded(answer.getHeader().getClusterId());
        return Answer.of(answer, out -> out.line(text));
    }

    public static Answer promoted(long id, MemberPromoteResponse answer) {
        var text = "Member " + GoNumbers.padded(id) + " promoted in cluster "
                + GoNumbers.padded(answer.getHeader().getClusterId());
        return Answer.of(answer, out -> out.line(text));
    }

    public static Answer members(MemberListResponse answer) {
        var table = new Table(
                List.of("ID", "Status", "Name", "Peer Addrs", "Client Addrs"),
                answer.getMembersList().stream()
                        .map(member -> List.of(
                                Long.toHexString(member.getID()),
                                member.getName().isEmpty() ? "unstarted" : "started",
                                member.getName(),
                                String.join(",", member.getPeerURLsList()),
                                String.join(",", member.getClientURLsList())))
                        .toList());
        return Answer.of(answer, out -> table.simple().forEach(out::line))
                .withTable(table)
                .withFields(out -> {
                    Answer.header(out, answer.getHeader());
                    for (var member : answer.getMembersList()) {
                        out.field("ID", Long.toUnsignedString(member.getID()));
                        out.field("Name", GoText.quoted(member.getName()));
                        member.getPeerURLsList().forEach(url -> out.field("PeerURL", GoText.quoted(url)));
                        member.getClientURLsList().forEach(url -> out.field("ClientURL", GoText.quoted(url)));
                        out.line("");
                    }
                });
    }

    /// How an endpoint does.
    ///
    /// @param error empty if it is healthy
    public record Health(String endpoint, Duration took, String error) {
        public boolean isGood() {
            return error.isEmpty();
        }
    }

    /// How endpoints do.
    ///
    /// @param complaints where the simple form goes: the error stream
    public static Answer health(List<Health> all, Out complaints) {
        var table = new Table(
                List.of("endpoint", "health", "took", "error"),
                all.stream()
                        .map(each -> List.of(
                                each.endpoint(),
                                String.valueOf(each.isGood()),
                                GoNumbers.duration(each.took()),
                                each.error()))
                        .toList());
        return new Answer(
                out -> all.forEach(each -> complaints.line(each.endpoint()
                        + (each.isGood()
                                ? " is healthy: successfully committed proposal: took = "
                                        + GoNumbers.duration(each.took())
                                : " is unhealthy: failed to commit proposal: " + each.error()))),
                out -> {
                    for (var each : all) {
                        out.field("Endpoint", GoText.quoted(each.endpoint()));
                        out.field("Health", each.isGood());
                        out.field("Took", GoNumbers.duration(each.took()));
                        out.field("Error", each.error());
                        out.line("");
                    }
                },
                table,
                () -> all.stream().map(ClusterAnswers::json).collect(Collectors.joining(",", "[", "]")),
                null);
    }

    private static String json(Health each) {
        var json = new GoJson()
                .open()
                .name("endpoint")
                .text(each.endpoint())
                .name("health")
                .raw(each.isGood())
                .name("took")
                .text(GoNumbers.duration(each.took()));
        if (!each.isGood()) {
            json.name("error").text(each.error());
        }
        return json.close().toString();
    }

    /// What an endpoint says of itself.
    public record Status(String endpoint, StatusResponse answer) {}

    public static Answer status(List<Status> all) {
        var table = new Table(
                List.of("endpoint", "ID", "version", "db size", "is leader", "raft term", "raft index"),
                all.stream().map(ClusterAnswers::row).toList());
        return new Answer(
                out -> table.simple().forEach(out::line),
                out -> all.forEach(each -> fields(out, each)),
                table,
                () -> all.stream()
                        .map(each -> new GoJson()
                                .open()
                                .name("Endpoint")
                                .text(each.endpoint())
                                .name("Status")
                                .message(each.answer())
                                .close()
                                .toString())
                        .collect(Collectors.joining(",", "[", "]")),
                null);
    }

    private static List<String> row(Status each) {
        var answer = each.answer();
        long id = answer.getHeader().getMemberId();
        return List.of(
                each.endpoint(),
                Long.toHexString(id),
                answer.getVersion(),
                GoNumbers.size(answer.getDbSize()),
                String.valueOf(answer.getLeader() == id),
                Long.toUnsignedString(answer.getRaftTerm()),
                Long.toUnsignedString(answer.getRaftIndex()));
    }

    private static void fields(Out out, Status each) {
        var answer = each.answer();
        Answer.header(out, answer.getHeader());
        out.field("Version", GoText.quoted(answer.getVersion()));
        out.field("DBSize", answer.getDbSize());
        out.field("Leader", Long.toUnsignedString(answer.getLeader()));
        out.field("RaftIndex", Long.toUnsignedString(answer.getRaftIndex()));
        out.field("RaftTerm", Long.toUnsignedString(answer.getRaftTerm()));
        out.field("Endpoint", GoText.quoted(each.endpoint()));
        out.line("");
    }

    /// The hash of what an endpoint stores.
    public record Hash(String endpoint, HashKVResponse answer) {}

    public static Answer hashes(List<Hash> all) {
        var table = new Table(
                List.of("endpoint", "hash"),
                all.stream()
                        .map(each -> List.of(
                                each.endpoint(),
                                Integer.toUnsignedString(each.answer().getHash())))
                        .toList());
        return new Answer(
                out -> table.simple().forEach(out::line),
                out -> {
                    for (var each : all) {
                        Answer.header(out, each.answer().getHeader());
                        out.field("Endpoint", GoText.quoted(each.endpoint()));
                        out.field("Hash", Integer.toUnsignedString(each.answer().getHash()));
                        out.line("");
                    }
                },
                table,
                () -> all.stream()
                        .map(each -> new GoJson()
                                .open()
                                .name("Endpoint")
                                .text(each.endpoint())
                                .name("HashKV")
                                .message(each.answer())
                                .close()
                                .toString())
                        .collect(Collectors.joining(",", "[", "]")),
                null);
    }

    public static Answer movedLeader(long from, long to, MoveLeaderResponse answer) {
        var text = "Leadership transferred from " + Long.toHexString(from) + " to " + Long.toHexString(to);
        return Answer.of(answer, out -> out.line(text));
    }

    public static Answer alarms(AlarmResponse answer) {
        return Answer.of(
                        answer,
                        out -> answer.getAlarmsList()
                                .forEach(alarm -> out.line("memberID:"
                                        + Long.toUnsignedString(alarm.getMemberID()) + " alarm:"
                                        + alarm.getAlarm().name() + " ")))
                .withFields(out -> {
                    Answer.header(out, answer.getHeader());
                    for (var alarm : answer.getAlarmsList()) {
                        out.field("MemberID", Long.toUnsignedString(alarm.getMemberID()));
                        out.field("AlarmType", alarm.getAlarm().name());
                        out.line("");
                    }
                });
    }
}
