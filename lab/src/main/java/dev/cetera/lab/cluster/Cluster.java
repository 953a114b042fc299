package dev.cetera.lab.cluster;

import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.lab.proxy.Network;
import dev.cetera.testkit.Await;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Several members that make one cluster, each a process of its own program.
///
/// Confined to the thread that made it.
public final class Cluster implements AutoCloseable {
    /// Two processors that compile, test and run three servers can be this slow; more is a hang.
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    /// What a [Network] calls those that are not members.
    public static final String CLIENTS = "clients";

    private static final Duration CALL = Duration.ofSeconds(2);

    /// A change of membership waits for its entry, and the member asked may have lost its leader.
    private static final Duration CHANGE = Duration.ofSeconds(10);

    private final Path root;
    private final List<String> flags;
    private final @Nullable Encryption encryption;
    private final List<Member> members = new ArrayList<>();
    private final List<Member> removed = new ArrayList<>();
    private final Map<Member, Direct> connections = new HashMap<>();

    private Cluster(Path root, List<String> flags) {
        this(root, flags, null);
    }

    private Cluster(Path root, List<String> flags, @Nullable Encryption encryption) {
        this.root = root;
        this.flags = flags;
        this.encryption = encryption;
    }

    /// `size` founding members m1, m2, ... below `root`, not started; `flags` are given to each at every
    /// start.
    public static Cluster of(Path root, int size, String... flags) throws IOException {
        var cluster = new Cluster(root, List.of(flags));
        for (int i = 1; i <= size; i++) {
            cluster.members.add(Member.in(root, "m" + i));
        }
        return cluster.founded();
    }

    /// The same, by TLS alone, among members and with clients.
    public static Cluster encrypted(Encryption encryption, Path root, int size, String... flags) throws IOException {
        var cluster = new Cluster(root, List.of(flags), encryption);
        for (int i = 1; i <= size; i++) {
            cluster.members.add(Member.in(root, "m" + i, encryption));
        }
        return cluster.founded();
    }

    /// As [#of]; everybody reaches a member through proxies of `network` only. Once the members are healthy,
    /// [#introduce] them.
    public static Cluster behind(Network network, Path root, int size, List<String> flags) throws IOException {
        var cluster = new Cluster(root, flags);
        for (int i = 1; i <= size; i++) {
            Member member = Member.in(root, "m" + i);
            member.behind(network);
            cluster.members.add(member);
        }
        return cluster.founded();
    }

    /// Tells `network` who is who.
    public void introduce(Network network) {
        for (Member member : members) {
            eventually(member.name() + " says who it is", () -> {
                network.know(Long.toHexString(status(member).getHeader().getMemberId()), member.name());
                return true;
            });
        }
    }

    private Cluster founded() {
        String all = members.stream()
                .map(member -> member.name() + "=" + member.peerUrl())
                .collect(Collectors.joining(","));
        members.forEach(member -> member.bootstrap(told(all, "new")));
        return this;
    }

    private List<String> told(String initial, String state) {
        return Stream.concat(
                        Stream.of("--initial-cluster=" + initial, "--initial-cluster-state=" + state), flags.stream())
                .toList();
    }

    /// Starts the members, each as the program of its place, and returns when all are healthy.
    public Cluster start(List<Program> programs) throws IOException {
        if (programs.size() != members.size()) {
            throw new IllegalArgumentException(programs.size() + " programs for " + members.size() + " members");
        }
        for (int i = 0; i < members.size(); i++) {
            members.get(i).launch(programs.get(i));
        }
        members.forEach(member -> member.awaitHealthy(PATIENCE));
        return this;
    }

    /// Those that belong to it now.
    public List<Member> members() {
        return List.copyOf(members);
    }

    /// Counted from 0.
    public Member member(int place) {
        return members.get(place);
    }

    /// Those whose process runs.
    public List<Member> running() {
        return members.stream().filter(Member::alive).toList();
    }

    public List<Member> others(Member than) {
        return members.stream().filter(member -> member != than).toList();
    }

    /// A connection that is kept; [#close] ends it.
    public Direct direct(Member member) {
        return connections.computeIfAbsent(member, Direct::new);
    }

    /// What the member says of itself, without asking others.
    public StatusResponse status(Member member) {
        return direct(member).maintenance(CALL).status(StatusRequest.getDefaultInstance());
    }

    /// The leader, once all running members name the same one, and it is running.
    public Member leader() {
        var found = new ArrayList<Member>();
        Await.await("all running members have one leader", PATIENCE, () -> {
            found.clear();
            var seen = new HashMap<Long, Member>();
            long leader = 0;
            boolean agreed = true;
            for (Member member : running()) {
                StatusResponse status = status(member);
                seen.put(status.getHeader().getMemberId(), member);
                agreed &= leader == 0 || leader == status.getLeader();
                leader = status.getLeader();
            }
            Member named = seen.get(leader);
            if (named != null) {
                found.add(named);
            }
            return agreed && named != null;
        });
        return found.getFirst();
    }

    /// Makes `target` the leader and waits until all say so.
    public void moveLeader(Member target) {
        Member leader = leader();
        if (leader == target) {
            return;
        }
        // A target that is not caught up yet is refused or times out: the caller wants it to lead, so ask again.
        eventually("leadership moves to " + target.name(), () -> {
            Member current = leader();
            if (current != target) {
                var _ = direct(current)
                        .maintenance(CHANGE)
                        .moveLeader(MoveLeaderRequest.newBuilder()
                                .setTargetID(status(target).getHeader().getMemberId())
                                .build());
            }
            return leader() == target;
        });
    }

    /// Adds a member under a new name, through a running one, and gives it back; not started. It will join.
    public Member add(String name, Member through) throws IOException {
        Member added = Member.in(root, name, encryption);
        // Refused while a member was connected for less than five seconds; known when an earlier try got through.
        eventually(name + " is added", () -> {
            if (idOf(added, through) == 0) {
                var _ = direct(through)
                        .cluster(CHANGE)
                        .memberAdd(MemberAddRequest.newBuilder()
                                .addPeerURLs(added.peerUrl())
                                .build());
            }
            return idOf(added, through) != 0;
        });
        members.add(added);
        String all = listed(through).stream()
                .map(member ->
                        (member.getName().isEmpty() ? nameOf(member) : member.getName()) + "=" + member.getPeerURLs(0))
                .collect(Collectors.joining(","));
        added.bootstrap(told(all, "existing"));
        return added;
    }

    private String nameOf(dev.cetera.api.etcdserverpb.Member listed) {
        return members.stream()
                .filter(member -> listed.getPeerURLsList().contains(member.peerUrl()))
                .findFirst()
                .orElseThrow()
                .name();
    }

    /// Removes `member` through another one. Its process, if it runs, is expected to end by itself.
    public void remove(Member member, Member through) {
        eventually(member.name() + " is removed", () -> {
            long id = idOf(member, through);
            if (id != 0) {
                var _ = direct(through)
                        .cluster(CHANGE)
                        .memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
            }
            return idOf(member, through) == 0;
        });
        members.remove(member);
        removed.add(member);
    }

    /// Identity of `member` as the member `through` knows it, 0 where it doesn't.
    public long idOf(Member member, Member through) {
        return listed(through).stream()
                .filter(listed -> listed.getPeerURLsList().contains(member.peerUrl()))
                .mapToLong(dev.cetera.api.etcdserverpb.Member::getID)
                .findFirst()
                .orElse(0);
    }

    private List<dev.cetera.api.etcdserverpb.Member> listed(Member through) {
        return direct(through)
                .cluster(CALL)
                .memberList(MemberListRequest.getDefaultInstance())
                .getMembersList();
    }

    /// Waits until every running member has applied the same and holds the same, history included.
    public Contents awaitSame() {
        var found = new ArrayList<Contents>();
        try {
            eventually("all members hold the same", () -> {
                found.clear();
                long newest = 0;
                for (Member member : running()) {
                    newest = Math.max(newest, status(member).getHeader().getRevision());
                }
                for (Member member : running()) {
                    found.add(Contents.of(direct(member), newest));
                }
                return Contents.same(found);
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; last seen of " + names(running()) + ": " + found, e);
        }
        return found.getFirst();
    }

    private static String names(List<Member> members) {
        return members.stream().map(Member::name).collect(Collectors.joining(", "));
    }

    /// [Await] with this cluster's patience; on failure the ends of all logs are told.
    public void eventually(String what, Callable<Boolean> condition) {
        try {
            Await.await(what, PATIENCE, condition);
        } catch (AssertionError e) {
            throw new AssertionError(withLogs(what, e), e);
        }
    }

    private String withLogs(String what, AssertionError e) {
        var text = new StringBuilder(what).append(" (").append(e.getMessage()).append(')');
        Throwable cause = e.getCause();
        if (cause instanceof StatusRuntimeException refusal) {
            text.append(", last answer: ").append(refusal.getMessage());
        }
        for (Member member : members) {
            text.append("\n--- ").append(member.name()).append(member.alive() ? ", running" : ", ended");
            text.append(", its log ends:\n").append(member.accuse());
        }
        return text.toString();
    }

    /// Kills what runs; files stay.
    @Override
    public void close() {
        connections.values().forEach(Direct::close);
        Stream.concat(members.stream(), removed.stream()).forEach(Member::close);
    }
}
