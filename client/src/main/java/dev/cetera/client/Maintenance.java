package dev.cetera.client;

import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Work on members. What concerns one member takes its endpoint, which must be one of the client's. Blocking,
/// as [KV] is.
public final class Maintenance {
    private final Calls calls;

    Maintenance(Calls calls) {
        this.calls = calls;
    }

    /// Kinds of alarms; `NONE` stands for all of them.
    public enum AlarmKind {
        NONE,
        NO_SPACE,
        CORRUPT
    }

    /// A raised alarm.
    public record Alarm(long memberId, AlarmKind kind) {}

    /// Alarms that are raised, or were turned off.
    public record AlarmsResponse(Header header, List<Alarm> alarms) {
        public AlarmsResponse {
            alarms = List.copyOf(alarms);
        }
    }

    /// How a member is.
    ///
    /// @param dbSize bytes of its file
    /// @param leader id of the leader that it knows; 0 if none
    /// @param raftAppliedIndex 0 from members older than 3.4, as all that follow
    public record StatusResponse(
            Header header,
            String version,
            long dbSize,
            long leader,
            long raftIndex,
            long raftTerm,
            long raftAppliedIndex,
            List<String> errors,
            long dbSizeInUse,
            Cluster.Role role) {
        public StatusResponse {
            errors = List.copyOf(errors);
        }
    }

    /// Nothing but a header, which etcd 3.3 leaves out.
    public record DoneResponse(Header header) {}

    /// A hash of a member's file.
    ///
    /// @param hash unsigned, of the file's content
    public record HashResponse(Header header, int hash) {}

    /// A hash that members of the same state share.
    ///
    /// @param hash unsigned, of the keys and values up to a revision
    public record HashKvResponse(Header header, int hash, long compactRevision) {}

    public Async async() {
        return new Async();
    }

    public Maintenance within(Duration timeout) {
        return new Maintenance(calls.within(timeout));
    }

    public AlarmsResponse alarms() {
        return Calls.await(async().alarms());
    }

    /// Turns an alarm off; id 0 and kind `NONE` mean all.
    public AlarmsResponse disarm(Alarm alarm) {
        return Calls.await(async().disarm(alarm));
    }

    /// Raises an alarm, as members do; for trials.
    public AlarmsResponse raise(Alarm alarm) {
        return Calls.await(async().raise(alarm));
    }

    public StatusResponse status(String endpoint) {
        return Calls.await(async().status(endpoint));
    }

    public DoneResponse defragment(String endpoint) {
        return Calls.await(async().defragment(endpoint));
    }

    public HashResponse hash(String endpoint) {
        return Calls.await(async().hash(endpoint));
    }

    /// The hash of keys and values.
    ///
    /// @param revision 0 for the present one
    public HashKvResponse hashKv(String endpoint, long revision) {
        return Calls.await(async().hashKv(endpoint, revision));
    }

    /// Must be asked of the leader.
    public DoneResponse moveLeader(String endpoint, long toMember) {
        return Calls.await(async().moveLeader(endpoint, toMember));
    }

    /// The whole database of some member, as a file, with a checksum of 32 bytes behind it. A time limit is
    /// one for all of it.
    public Snapshot snapshot() {
        return Snapshot.open(calls);
    }

    public Snapshot snapshot(String endpoint) {
        return Snapshot.open(calls.at(endpoint));
    }

    /// The same with futures.
    public final class Async {
        private Async() {}

        public CompletableFuture<AlarmsResponse> alarms() {
            return alarm(AlarmRequest.AlarmAction.GET, new Alarm(0, AlarmKind.NONE), Repeat.ALWAYS);
        }

        public CompletableFuture<AlarmsResponse> disarm(Alarm alarm) {
            if (alarm.memberId() != 0 || alarm.kind() != AlarmKind.NONE) {
                return alarm(AlarmRequest.AlarmAction.DEACTIVATE, alarm, Repeat.ALWAYS);
            }
            return alarms().thenCompose(raised -> {
                var turned = raised.alarms().stream().map(this::disarm).toList();
                return CompletableFuture.allOf(turned.toArray(new CompletableFuture<?>[0]))
                        .thenApply(done -> new AlarmsResponse(
                                raised.header(),
                                turned.stream()
                                        .flatMap(each -> each.join().alarms().stream())
                                        .toList()));
            });
        }

        public CompletableFuture<AlarmsResponse> raise(Alarm alarm) {
            return alarm(AlarmRequest.AlarmAction.ACTIVATE, alarm, Repeat.ALWAYS);
        }

        private CompletableFuture<AlarmsResponse> alarm(AlarmRequest.AlarmAction action, Alarm alarm, Repeat repeat) {
            var request = AlarmRequest.newBuilder()
                    .setAction(action)
                    .setMemberID(alarm.memberId())
                    .setAlarm(
                            switch (alarm.kind()) {
                                case NONE -> AlarmType.NONE;
                                case NO_SPACE -> AlarmType.NOSPACE;
                                case CORRUPT -> AlarmType.CORRUPT;
                            })
                    .build();
            return calls.call(MaintenanceGrpc.getAlarmMethod(), request, repeat, Maintenance::alarms);
        }

        public CompletableFuture<StatusResponse> status(String endpoint) {
            return calls.at(endpoint)
                    .call(
                            MaintenanceGrpc.getStatusMethod(),
                            StatusRequest.getDefaultInstance(),
                            Repeat.ALWAYS,
                            answer -> new StatusResponse(
                                    Protos.header(answer.getHeader()),
                                    answer.getVersion(),
                                    answer.getDbSize(),
                                    answer.getLeader(),
                                    answer.getRaftIndex(),
                                    answer.getRaftTerm(),
                                    answer.getRaftAppliedIndex(),
                                    answer.getErrorsList(),
                                    answer.getDbSizeInUse(),
                                    answer.getIsLearner() ? Cluster.Role.LEARNER : Cluster.Role.VOTER));
        }

        public CompletableFuture<DoneResponse> defragment(String endpoint) {
            return calls.at(endpoint)
                    .call(
                            MaintenanceGrpc.getDefragmentMethod(),
                            DefragmentRequest.getDefaultInstance(),
                            Repeat.IF_NOT_SENT,
                            answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<HashResponse> hash(String endpoint) {
            return calls.at(endpoint)
                    .call(
                            MaintenanceGrpc.getHashMethod(),
                            HashRequest.getDefaultInstance(),
                            Repeat.ALWAYS,
                            answer -> new HashResponse(Protos.header(answer.getHeader()), answer.getHash()));
        }

        public CompletableFuture<HashKvResponse> hashKv(String endpoint, long revision) {
            return calls.at(endpoint)
                    .call(
                            MaintenanceGrpc.getHashKVMethod(),
                            HashKVRequest.newBuilder().setRevision(revision).build(),
                            Repeat.ALWAYS,
                            answer -> new HashKvResponse(
                                    Protos.header(answer.getHeader()), answer.getHash(), answer.getCompactRevision()));
        }

        public CompletableFuture<DoneResponse> moveLeader(String endpoint, long toMember) {
            return calls.at(endpoint)
                    .call(
                            MaintenanceGrpc.getMoveLeaderMethod(),
                            MoveLeaderRequest.newBuilder().setTargetID(toMember).build(),
                            Repeat.ALWAYS,
                            answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }
    }

    private static AlarmsResponse alarms(AlarmResponse answer) {
        return new AlarmsResponse(
                Protos.header(answer.getHeader()),
                answer.getAlarmsList().stream()
                        .map(alarm -> new Alarm(alarm.getMemberID(), kind(alarm.getAlarm())))
                        .toList());
    }

    private static AlarmKind kind(AlarmType type) {
        return switch (type) {
            case NOSPACE -> AlarmKind.NO_SPACE;
            case CORRUPT -> AlarmKind.CORRUPT;
            case NONE, UNRECOGNIZED -> AlarmKind.NONE;
        };
    }
}
