package dev.cetera.lab.fuzz;

import dev.cetera.apply.StateMachine;
import dev.cetera.auth.Bcrypt;
import dev.cetera.auth.Credentials;
import dev.cetera.auth.Sessions;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Backend;
import dev.cetera.v2.V2Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// A state machine on a fake disk, with a cluster of one member to begin with. Confined.
final class Machine implements Closeable {
    static final Path DIRECTORY = Path.of("/member/snap");
    static final Path DATABASE = DIRECTORY.resolve("db");
    static final ClusterVersion RELEASE = new ClusterVersion(3, 3, 27);
    static final Member FIRST = new Member(1, List.of("http://h1:2380"), "m1", List.of("http://h1:2379"), false);

    private static final long MIN_TTL_SECONDS = 2;
    private static final long QUOTA = 1 << 20;
    private static final Credentials CREDENTIALS = new Credentials(new Bcrypt(4, new SecureRandom()), Sessions.NONE);

    private final FakeDisk disk;
    private final Backend backend;
    private final V2Store legacy;
    private StateMachine machine;
    private long index;

    private Machine(FakeDisk disk, V2Store legacy) throws IOException {
        this.disk = disk;
        this.legacy = legacy;
        this.backend = Backend.open(disk, DATABASE);
        this.machine = open();
        this.index = backend.consistentIndex();
    }

    private StateMachine open() throws IOException {
        boolean done = false;
        try {
            var members = new Members(legacy);
            members.load();
            var opened =
                    StateMachine.open(backend, legacy, members, MIN_TTL_SECONDS, QUOTA, RELEASE, CREDENTIALS, _ -> {});
            done = true;
            return opened.machine();
        } finally {
            if (!done) {
                backend.close();
            }
        }
    }

    /// A new one.
    static Machine fresh() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(DIRECTORY);
        var machine = new Machine(disk, new V2Store());
        machine.apply(EntryType.CONF_CHANGE, RaftCodec.encode(Members.add(1, FIRST)));
        return machine;
    }

    /// One that goes on from the file that is on the disk.
    static Machine on(FakeDisk disk) throws IOException {
        return new Machine(disk, new V2Store());
    }

    StateMachine machine() {
        return machine;
    }

    FakeDisk disk() {
        return disk;
    }

    Backend backend() {
        return backend;
    }

    long index() {
        return index;
    }

    dev.cetera.apply.Applied apply(EntryType type, byte[] data) throws IOException {
        index++;
        var applied = machine.apply(new Entry(1, index, type, data), index * 1_000_000, index * 1_000_000);
        if (applied instanceof dev.cetera.apply.Applied.Compacting compacting) {
            while (compacting.physicalHalf().step()) {
                backend.commit();
            }
        }
        return applied;
    }

    /// Goes on behind this index, as after an installation.
    dev.cetera.apply.Applied applyAfter(long newIndex, byte[] data) throws IOException {
        index = Math.clamp(newIndex, 0, Long.MAX_VALUE - 1_000);
        return apply(EntryType.NORMAL, data);
    }

    /// Whether the same comes back after a restart.
    ///
    /// @throws AssertionError when it does not
    void requireRestorable() throws IOException {
        backend.commit();
        long revision = machine.store().view().revision();
        var hash = hash(machine);
        byte[] tree = machine.saveLegacy();
        var legacyAgain = new V2Store();
        legacyAgain.recover(tree);
        if (!Arrays.equals(legacyAgain.save(), tree)) {
            throw new AssertionError("the legacy tree does not come back");
        }
        var membersAgain = new Members(legacyAgain);
        membersAgain.load();
        if (!lasting(membersAgain).equals(lasting(machine.members()))) {
            throw new AssertionError(machine.members().now() + " comes back as " + membersAgain.now());
        }
        var again = StateMachine.open(
                        backend, legacyAgain, membersAgain, MIN_TTL_SECONDS, QUOTA, RELEASE, CREDENTIALS, _ -> {})
                .machine();
        if (again.store().view().revision() != revision || !hash(again).equals(hash)) {
            throw new AssertionError("revision " + revision + " " + hash + " comes back as "
                    + again.store().view().revision() + " " + hash(again));
        }
        if (!again.leases().list().equals(machine.leases().list())) {
            throw new AssertionError("leases " + machine.leases().list() + " come back as "
                    + again.leases().list());
        }
    }

    /// What is kept of members: as in etcd, what a change says of a name counts only until the next start.
    private static String lasting(Members members) {
        var now = members.now();
        return now.members().stream()
                        .map(member -> member.id() + " " + member.peerUrls() + member.learner())
                        .toList() + " " + new TreeSet<>(now.removed()) + " " + now.version();
    }

    private static String hash(StateMachine machine) throws IOException {
        return switch (machine.store().hashKv(0)) {
            case Answer.Found<dev.cetera.mvcc.KvHash>(var hash) -> hash.toString();
            case Answer.Refused<dev.cetera.mvcc.KvHash>(var why) -> why.toString();
        };
    }

    @Override
    public void close() throws IOException {
        backend.close();
    }
}
