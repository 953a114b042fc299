package dev.cetera.lab.campaign;

import static dev.cetera.lab.cluster.Cluster.CLIENTS;

import dev.cetera.lab.proxy.Conditions;
import dev.cetera.lab.proxy.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// What happens to the network between members, and between them and their clients. Each fault lasts for a
/// while, and then its conditions are fair again; half of those that held bytes back let go of them then, the
/// others end the connections.
///
/// Confined to a thread of its own: the network goes wrong while processes do.
final class NetworkFaults {
    private final Network network;
    private final Chronicle chronicle;
    private final List<String> members;
    private final Random random;
    private final int electionMillis;

    /// One direction between two ends.
    private record Lane(String from, String to) {}

    NetworkFaults(Network network, Chronicle chronicle, List<String> members, Random random, int electionMillis) {
        this.network = network;
        this.chronicle = chronicle;
        this.members = members;
        this.random = random;
        this.electionMillis = electionMillis;
    }

    List<Fault> all() {
        var faults = new ArrayList<Fault>();
        faults.add(new Fault("answers lost", 10, this::answersLost));
        faults.add(new Fault("clients cut off", 4, this::clientsCutOff));
        faults.add(new Fault("clients far away", 4, this::clientsFarAway));
        if (members.size() > 1) {
            faults.add(new Fault("one alone", 10, this::oneAlone));
            faults.add(new Fault("two parted", 8, this::twoParted));
            faults.add(new Fault("one way between two", 10, this::oneWayBetweenTwo));
            faults.add(new Fault("one deaf", 5, this::oneDeaf));
            faults.add(new Fault("one mute", 5, this::oneMute));
            faults.add(new Fault("delays", 8, this::delays));
            faults.add(new Fault("throttled", 5, this::throttled));
            faults.add(new Fault("connections reset", 6, this::connectionsReset));
        }
        if (members.size() > 3) {
            faults.add(new Fault("split in two", 8, this::splitInTwo));
        }
        return faults;
    }

    private void answersLost() throws InterruptedException {
        String member = any();
        chronicle.note("answers of " + member + " to clients are lost");
        network.set(member, CLIENTS, Conditions.SILENT);
        wait(3000);
        // The requests have arrived; what came of them nobody will tell.
        network.reset(CLIENTS, member);
        network.set(member, CLIENTS, Conditions.FAIR);
    }

    private void clientsCutOff() throws InterruptedException {
        String member = any();
        last("clients are cut off from " + member, both(CLIENTS, member), Conditions.REFUSED, 3000);
    }

    private void clientsFarAway() throws InterruptedException {
        var lanes = new ArrayList<Lane>();
        for (String member : members) {
            lanes.addAll(both(CLIENTS, member));
        }
        last("clients are far away", lanes, delay(300), 3000);
    }

    private void oneAlone() throws InterruptedException {
        String member = any();
        last(member + " is alone", around(List.of(member)), silentOrRefused(), 6 * electionMillis);
    }

    private void splitInTwo() throws InterruptedException {
        var all = new ArrayList<>(members);
        Collections.shuffle(all, random);
        List<String> part = all.subList(0, 2);
        last(part + " are parted from the rest", around(part), silentOrRefused(), 6 * electionMillis);
    }

    private void twoParted() throws InterruptedException {
        Lane pair = pair();
        last(
                pair.from + " and " + pair.to + " are parted",
                both(pair.from, pair.to),
                silentOrRefused(),
                6 * electionMillis);
    }

    private void oneWayBetweenTwo() throws InterruptedException {
        Lane lane = pair();
        last("nothing gets from " + lane.from + " to " + lane.to, List.of(lane), Conditions.SILENT, 6 * electionMillis);
    }

    private void oneDeaf() throws InterruptedException {
        String member = any();
        List<Lane> lanes = around(List.of(member)).stream()
                .filter(lane -> lane.to.equals(member))
                .toList();
        last(member + " is deaf", lanes, Conditions.SILENT, 6 * electionMillis);
    }

    private void oneMute() throws InterruptedException {
        String member = any();
        List<Lane> lanes = around(List.of(member)).stream()
                .filter(lane -> lane.from.equals(member))
                .toList();
        last(member + " is mute", lanes, Conditions.SILENT, 6 * electionMillis);
    }

    private void delays() throws InterruptedException {
        var lanes = new ArrayList<Lane>();
        for (String member : members) {
            lanes.addAll(around(List.of(member)));
        }
        // Half an election timeout, there and back: elections happen, and succeed now and then.
        last("messages take long", lanes, delay(electionMillis / 4), 6 * electionMillis);
    }

    private void throttled() throws InterruptedException {
        String member = any();
        long rate = 2_000L + random.nextInt(60_000);
        last(
                member + " gets " + rate + " bytes a second at most",
                around(List.of(member)).stream()
                        .filter(lane -> lane.to.equals(member))
                        .toList(),
                Conditions.FAIR.withRate(rate),
                6 * electionMillis);
    }

    private void connectionsReset() {
        chronicle.note("connections between members are reset");
        for (String one : members) {
            for (String other : members) {
                if (one.compareTo(other) < 0 && random.nextInt(3) > 0) {
                    network.reset(one, other);
                }
            }
        }
    }

    private void last(String what, List<Lane> lanes, Conditions conditions, int mostMillis)
            throws InterruptedException {
        boolean silent = conditions.passage() == Conditions.Passage.SILENT;
        chronicle.note(what + (silent ? ", silently" : ""));
        lanes.forEach(lane -> network.set(lane.from, lane.to, conditions));
        wait(mostMillis);
        if (silent && random.nextBoolean()) {
            lanes.forEach(lane -> network.reset(lane.from, lane.to));
        }
        lanes.forEach(lane -> network.set(lane.from, lane.to, Conditions.FAIR));
        chronicle.note("no longer: " + what);
    }

    private void wait(int mostMillis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(mostMillis));
    }

    private Conditions silentOrRefused() {
        return random.nextBoolean() ? Conditions.SILENT : Conditions.REFUSED;
    }

    private Conditions delay(int mostMillis) {
        long most = TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(mostMillis));
        return Conditions.FAIR.withDelay(most / 2, most / 2 + 1);
    }

    private String any() {
        return members.get(random.nextInt(members.size()));
    }

    private Lane pair() {
        int from = random.nextInt(members.size());
        int to = (from + 1 + random.nextInt(members.size() - 1)) % members.size();
        return new Lane(members.get(from), members.get(to));
    }

    private static List<Lane> both(String one, String other) {
        return List.of(new Lane(one, other), new Lane(other, one));
    }

    /// All lanes between `inside` and the other members. Callers that don't say who they are count as outside.
    private List<Lane> around(List<String> inside) {
        var lanes = new ArrayList<Lane>();
        for (String member : inside) {
            for (String other : members) {
                if (!inside.contains(other)) {
                    lanes.addAll(both(member, other));
                }
            }
            lanes.addAll(both(Network.SOMEBODY, member));
        }
        return lanes;
    }
}
