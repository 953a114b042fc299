package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import dev.cetera.lab.history.History;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// All clients together. Confined to its [Stage].
public final class Workload {
    private final Plan plan;
    private final Site site;
    private final Recorder recorder;
    private final Counts counts = new Counts();
    private final List<WatchLine> lines = new ArrayList<>();
    private final RootPass pass = new RootPass();
    private final Doors doors;
    private @Nullable Administrator administrator;
    private @Nullable BiConsumer<String, ByteString> snapshots;
    private int keepers;
    private int reading;
    private boolean over;

    /// How often clients have raised a counter.
    ///
    /// @param acknowledged times that somebody was told so
    /// @param open         times that it may have been, or may still be
    public record Count(long acknowledged, long open) {}

    public Workload(Stage stage, Doors doors, Profile profile, Random random) {
        this.recorder = new Recorder(stage);
        this.doors = doors;
        this.site = new Site(
                stage,
                profile.users() == 0 ? doors : this::anyForRoot,
                profile,
                random,
                new Lore(profile.leases(), random),
                recorder);
        this.plan = new Plan();
    }

    private @Nullable Door anyForRoot(Random random) {
        var door = doors.any(random);
        return door == null ? null : new Door(door.member(), pass.on(door.channel()));
    }

    /// The same way, for whoever wants to be root at its end whether access control is on or off.
    public Channel asRoot(Channel channel) {
        return pass.on(channel);
    }

    /// What clients have in common beyond their [Site].
    final class Plan {
        private final Keyspace keys = new Keyspace(site.profile(), site.random());
        private final Requests requests = new Requests(site.profile(), keys, site.lore(), site.random());
        private final Txns txns = new Txns(site.profile().pastInTxns(), keys, site.lore(), requests, site.random());

        /// Nothing new is begun.
        boolean isOver() {
            return over;
        }

        Keyspace keys() {
            return keys;
        }

        Requests requests() {
            return requests;
        }

        Txns txns() {
            return txns;
        }

        Counts counts() {
            return counts;
        }

        /// Somebody begins, or ends, to read everything until he is answered.
        void reads(int more) {
            reading += more;
        }

        /// Somebody who came as root was told this.
        void told(String text) {
            pass.told(text);
        }

        /// Has a lease kept alive for a while, unless enough are.
        void keepAlive(long lease) {
            if (keepers < site.profile().clients()) {
                keepers++;
                new Keeper(site, this, lease, () -> keepers--).begin();
            }
        }

        boolean wantsSnapshots() {
            return snapshots != null;
        }

        void saved(String member, ByteString snapshot) {
            if (snapshots != null) {
                snapshots.accept(member, snapshot);
            }
        }
    }

    /// Hands every snapshot that a client saves to `to`, with the name of the member that it is of: the bytes
    /// that etcd's own client would write to a file, with the checksum at their end. Without this they are
    /// thrown away.
    public void onSnapshot(BiConsumer<String, ByteString> to) {
        snapshots = to;
    }

    /// Lets all clients begin. Once only.
    public void begin() {
        var profile = site.profile();
        for (int i = 0; i < profile.clients(); i++) {
            new Client(site, plan).begin();
        }
        if (profile.users() > 0) {
            var one = new Administrator(site, plan, doors, pass);
            administrator = one;
            one.begin();
            for (int i = 0; i < profile.users(); i++) {
                new Guest(site, plan, doors, one, Administrator.user(i)).begin();
            }
        }
        if (profile.watchers() > 0) {
            lines.add(new WatchLine(site, plan, 1, WatchLine.Manner.WITNESS));
        }
        for (int i = 0; i < profile.watchStreams(); i++) {
            int size = profile.watchers() / profile.watchStreams()
                    + (i < profile.watchers() % profile.watchStreams() ? 1 : 0);
            if (size > 0) {
                lines.add(new WatchLine(site, plan, size, WatchLine.Manner.VARIED));
            }
        }
        lines.forEach(WatchLine::begin);
    }

    /// No new calls from now on. Those under way go on until they are answered or given up. Watches end with
    /// the history: one whose stream breaks goes on at another member, and none is ended or begun.
    public void end() {
        over = true;
    }

    /// Has everything read once more, linearizably, by somebody who asks until he is answered: so that the
    /// history shows at its end whether all that was acknowledged is still there. For after [#end], when
    /// troubles are over.
    public void readAll() {
        new Client(site, plan).readAll();
    }

    /// After [#end]: every call has its outcome, and nobody is asked who he is.
    public boolean isIdle() {
        boolean open = administrator == null || administrator.isDone();
        return over && recorder.underWay() == 0 && reading == 0 && open;
    }

    /// The store has come to a revision by itself, as when leases run out: watches are to be told of that,
    /// too.
    public void reached(long revision) {
        site.lore().reached(revision);
    }

    /// After [#end]: every call has its outcome, and every watch runs and has been told of everything up to
    /// the newest revision that anybody has heard of. Without bookmarks ([Profile.Progress]) the latter can't
    /// be known: wait a while longer.
    public boolean isSettled() {
        return isIdle() && lines.stream().allMatch(WatchLine::isSettled);
    }

    /// All of it until now.
    ///
    /// @param settled see [History#settled]
    /// @param members see [History#members]
    /// @throws IllegalStateException when members said what no history can hold: something about a watch that
    ///                               nobody asked for
    public History history(boolean settled, int members) {
        return recorder.history(settled, members);
    }

    /// What was done until now.
    public Tally tally() {
        return recorder.tally();
    }

    /// How often each counter was raised: its value lies between what was acknowledged and that plus what is
    /// open.
    public Map<ByteString, Count> counts() {
        return counts.all();
    }
}
