package dev.cetera.lab.sim;

import dev.cetera.disk.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// What goes wrong, and what operators do meanwhile. Each seed has its own selection, so that a rare
/// coincidence of two troubles is not always buried under all the others. Confined.
final class Troubles {
    enum Kind {
        POWER,
        KILL,
        CRASH_IN_WRITE,
        DISK_ERROR,
        SHORT_WRITE,
        FAILED_SYNC,
        FULL_DISK,
        READ_ERROR,
        /// In a file that has checksums.
        ROT,
        DATABASE_ROT,
        PAUSE,
        STUCK_DISK,
        SLOW_DISK,
        ISOLATE,
        ISOLATE_LEADER,
        /// Nobody hears the leader any more, and it hears the others late: their old answers keep it in the
        /// belief that it leads.
        OUTDATE_LEADER,
        SPLIT,
        ONE_WAY,
        DISTURB,
        SLOW_LINK,
        RECONNECT,
        CLOCK_JUMP,
        /// Clients don't reach a member, while the others do.
        CUT_CLIENTS,
        SLOW_CLIENTS,
        TRANSFER,
        DEFRAGMENT,
        /// The power goes at some write in the middle of it.
        CRASH_IN_DEFRAGMENT,
        /// The power goes at some operation of taking over a database from another member.
        CRASH_IN_INSTALLATION,
        ADD,
        REMOVE,
        UPDATE,
        /// Befalls leaders alone, at the worst moment.
        STUMBLE
    }

    /// The cluster, as far as troubles concern it.
    interface Scene {
        List<Host> hosts();

        /// A new host, which is no member yet.
        Host another();

        /// Whether the log says that it is a member.
        boolean isToRun(Host host);
    }

    private final Scene scene;
    private final Network network;
    private final Gateways gateways;
    private final Operators operators;
    private final Truth truth;
    private final int founders;
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final List<Kind> kinds = new ArrayList<>();
    private final long meanPause;
    private final boolean eager;
    private final Map<Kind, Integer> happened = new EnumMap<>(Kind.class);
    private boolean over;
    private boolean changing;

    Troubles(
            Scene scene,
            Network network,
            Gateways gateways,
            Truth truth,
            int founders,
            Timeline timeline,
            Trace trace,
            Random random,
            Sabotage sabotage) {
        this.scene = scene;
        this.network = network;
        this.gateways = gateways;
        this.operators = new Operators(gateways, timeline, trace);
        this.truth = truth;
        this.founders = founders;
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        // A leader that stumbles often is what counting entries of old terms needs to do harm.
        eager = sabotage == Sabotage.OLD_TERM_COUNTED;
        for (var kind : Kind.values()) {
            if (eager ? kind == Kind.STUMBLE : random.nextInt(3) != 0) {
                kinds.add(kind);
            }
        }
        kinds.add(Kind.RECONNECT);
        meanPause = (200 + random.nextInt(2_000)) * Timeline.MILLISECOND;
    }

    void begin() {
        if (!over) {
            timeline.in(random.nextLong(2 * meanPause), () -> {
                if (!over) {
                    next();
                    begin();
                }
            });
        }
    }

    /// No more troubles, and the end of those there are.
    void end() {
        over = true;
        network.heal();
        gateways.heal();
        scene.hosts().forEach(Host::heal);
    }

    /// A leader that nobody hears, or only one, or of which all hear nothing new, from the very first message
    /// on; for a moment, and then it may lose its power, too. So logs end with entries that few have.
    void elected(Host leader) {
        if (over || scene.hosts().size() == 1 || !kinds.contains(Kind.STUMBLE) || (!eager && random.nextInt(3) == 0)) {
            return;
        }
        happened.merge(Kind.STUMBLE, 1, Integer::sum);
        var deaf = new ArrayList<>(scene.hosts());
        deaf.remove(leader);
        switch (random.nextInt(4)) {
            case 0 -> deaf.remove(random.nextInt(deaf.size()));
            case 1 -> {}
            default -> {
                deaf.clear();
                trace.add(leader.name, "stutters");
                network.stutter(leader, span(500));
            }
        }
        trace.add(leader.name, "stumbles, not heard by", deaf.toString());
        deaf.forEach(host -> network.cut(leader, host));
        int life = leader.life();
        if (eager || random.nextBoolean()) {
            timeline.in(span(400), () -> {
                if (leader.isUp() && leader.life() == life && !over) {
                    leader.losePower();
                }
            });
        }
        timeline.in(span(2_000), () -> deaf.forEach(host -> network.mend(leader, host)));
    }

    /// The member takes over a database next.
    void completing(Host host) {
        if (!over && kinds.contains(Kind.CRASH_IN_INSTALLATION) && random.nextBoolean()) {
            happened.merge(Kind.CRASH_IN_INSTALLATION, 1, Integer::sum);
            host.failSoon(Fault.CRASH, 1 + random.nextInt(30));
        }
    }

    /// How often each of them befell anybody.
    Map<Kind, Integer> happened() {
        return Collections.unmodifiableMap(happened);
    }

    private void next() throws Exception {
        var kind = kinds.get(random.nextInt(kinds.size()));
        var up = scene.hosts().stream().filter(Host::isUp).toList();
        if (up.isEmpty() || !befall(kind, up.get(random.nextInt(up.size())), up)) {
            return;
        }
        happened.merge(kind, 1, Integer::sum);
    }

    private boolean befall(Kind kind, Host host, List<Host> up) throws Exception {
        switch (kind) {
            case POWER -> host.losePower();
            case KILL -> host.kill();
            case CRASH_IN_WRITE -> host.failSoon(Fault.CRASH, 1 + random.nextInt(60));
            case DISK_ERROR -> host.failSoon(Fault.IO_ERROR, 1 + random.nextInt(60));
            case SHORT_WRITE -> host.failSoon(Fault.SHORT_WRITE, 1 + random.nextInt(60));
            case FAILED_SYNC -> host.failNextSync();
            case FULL_DISK -> host.fill(span(8_000));
            case READ_ERROR -> host.becomeUnreadable();
            case ROT -> {
                return rot(host, up);
            }
            case DATABASE_ROT -> host.tryRottenDatabase();
            case PAUSE -> host.pause(span(4_000));
            case STUCK_DISK -> host.stick(span(5_000));
            case SLOW_DISK -> host.slowDown(span(10_000));
            case ISOLATE -> isolate(host);
            case ISOLATE_LEADER ->
                isolate(up.stream().filter(Host::leads).findFirst().orElse(host));
            case OUTDATE_LEADER -> {
                return outdate(up);
            }
            case SPLIT -> split();
            case ONE_WAY -> oneWay(host);
            case DISTURB -> disturb();
            case SLOW_LINK -> slowLink(host);
            case RECONNECT -> {
                trace.add("the network heals");
                network.heal();
                gateways.heal();
            }
            case CLOCK_JUMP -> host.clock.jump(span(40_000) - 20 * Timeline.SECOND);
            case TRANSFER -> {
                return transfer(up);
            }
            case CUT_CLIENTS -> cutClients(host);
            case SLOW_CLIENTS -> {
                trace.add(host.name, "is reached slowly by clients");
                gateways.to(host).slowDown(span(1_000));
            }
            case DEFRAGMENT -> operators.defragment(host);
            case CRASH_IN_DEFRAGMENT -> {
                operators.defragment(host);
                host.failInDefragmentation(1 + random.nextInt(40));
            }
            case ADD -> {
                return add(host, up);
            }
            case REMOVE -> {
                return remove(host, up);
            }
            case UPDATE -> {
                return update(host, up);
            }
            case STUMBLE, CRASH_IN_INSTALLATION -> {
                return false; // these wait for their moment
            }
        }
        return true;
    }

    private long span(int mostMillis) {
        return (1 + random.nextInt(mostMillis)) * Timeline.MILLISECOND;
    }

    // ---- the network ----

    private void isolate(Host host) {
        trace.add(host.name, "is isolated");
        for (var other : scene.hosts()) {
            if (other != host) {
                network.cut(host, other);
                network.cut(other, host);
            }
        }
    }

    private boolean outdate(List<Host> up) {
        var leader = up.stream().filter(Host::leads).findFirst().orElse(null);
        if (leader == null || scene.hosts().size() == 1) {
            return false;
        }
        trace.add(leader.name, "is heard by nobody, and hears the others late");
        long late = Timeline.SECOND + span(3_000);
        for (var other : scene.hosts()) {
            if (other != leader) {
                network.cut(leader, other);
                network.slowDown(other, leader, late);
                timeline.in(2 * late, () -> {
                    network.mend(leader, other);
                    network.slowDown(other, leader, 0);
                });
            }
        }
        return true;
    }

    private void split() {
        var one = new ArrayList<Host>();
        var two = new ArrayList<Host>();
        for (var host : scene.hosts()) {
            (random.nextBoolean() ? one : two).add(host);
        }
        trace.add("the network splits:", one.toString(), two.toString());
        for (var host : one) {
            for (var other : two) {
                network.cut(host, other);
                network.cut(other, host);
            }
        }
    }

    private void oneWay(Host from) {
        for (var to : scene.hosts()) {
            if (to != from && random.nextBoolean()) {
                trace.add(from.name, "does not reach", to.name);
                network.cut(from, to);
            }
        }
    }

    private void slowLink(Host from) {
        for (var to : scene.hosts()) {
            if (to != from && random.nextBoolean()) {
                trace.add(from.name, "reaches slowly", to.name);
                network.slowDown(from, to, span(600));
            }
        }
    }

    private void disturb() {
        trace.add("the network is disturbed");
        network.disturb(random.nextInt(200), random.nextInt(100), random.nextInt(300), random.nextInt(1000));
    }

    // ---- operators ----

    private boolean transfer(List<Host> up) {
        var leader = up.stream().filter(Host::leads).findFirst().orElse(null);
        if (leader == null) {
            return false;
        }
        operators.moveLeader(leader, up.get(random.nextInt(up.size())));
        return true;
    }

    /// Nobody changes the members of a cluster that is not well: etcd refuses that, too.
    private boolean isWell(List<Host> up) {
        return !changing
                && up.stream().filter(Host::isPublished).count()
                        == truth.members().size()
                && scene.hosts().stream().noneMatch(host -> !host.isUp() && !host.isGone());
    }

    private boolean add(Host through, List<Host> up) {
        if (!isWell(up) || truth.members().size() > founders + 1) {
            return false;
        }
        changing();
        operators.add(through, scene.another(), () -> changing = false);
        return true;
    }

    /// Never from a pair: whoever is left could wait for the vote of the other one for ever.
    private boolean remove(Host through, List<Host> up) {
        var victim = up.get(random.nextInt(up.size()));
        if (!isWell(up) || truth.members().size() <= 3) {
            return false;
        }
        changing();
        operators.remove(through, victim, () -> changing = false);
        return true;
    }

    /// A member gets another address besides its own, or loses it again.
    private boolean update(Host through, List<Host> up) {
        var member = up.get(random.nextInt(up.size()));
        if (!isWell(up)) {
            return false;
        }
        changing();
        operators.update(through, member, random.nextBoolean(), () -> changing = false);
        return true;
    }

    private void changing() {
        changing = true;
        timeline.in(10 * Timeline.SECOND, () -> changing = false);
    }

    // ---- damage ----

    /// Only befalls one of three or more that are all well: without it there still is a quorum.
    private boolean rot(Host host, List<Host> up) throws IOException {
        if (!isWell(up) || truth.members().size() < 3) {
            return false;
        }
        changing();
        host.rot();
        return true;
    }

    /// Operators give up a member, and let a new one take its place.
    void replace(Host lost) {
        changing = true;
        replace(lost, scene.another());
    }

    private void replace(Host lost, Host successor) {
        var up = scene.hosts().stream().filter(Host::isUp).toList();
        boolean removed = !truth.members().contains(lost.memberId());
        if (removed && scene.isToRun(successor)) {
            changing = false;
            return;
        }
        if (!up.isEmpty()) {
            var through = up.get(random.nextInt(up.size()));
            if (removed) {
                operators.add(through, successor, () -> {});
            } else {
                operators.remove(through, lost, () -> {});
            }
        }
        timeline.in(3 * Timeline.SECOND, () -> replace(lost, successor));
    }

    // ---- clients ----

    private void cutClients(Host host) {
        trace.add(host.name, "is cut off from clients");
        gateways.to(host).cut();
        timeline.in(span(5_000), () -> gateways.to(host).heal());
    }
}
