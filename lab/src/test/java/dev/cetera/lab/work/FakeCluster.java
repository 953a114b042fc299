package dev.cetera.lab.work;

import dev.cetera.lab.history.History;
import java.util.List;
import java.util.Random;

/// Two members with one store, and a workload that asks them.
final class FakeCluster {
    final FakeStage stage = new FakeStage();
    final FakeStore store = new FakeStore();
    final FakeMember one = new FakeMember(stage, store, "one", 101);
    final FakeMember two = new FakeMember(stage, store, "two", 102);
    final List<FakeMember> members = List.of(one, two);
    final Workload workload;

    FakeCluster(Profile profile, long seed) {
        workload = new Workload(stage, random -> members.get(random.nextInt(2)).door(), profile, new Random(seed));
    }

    static Profile usual(long seed) {
        return Profile.usual(new Random(seed));
    }

    FakeCluster run(long seconds) {
        workload.begin();
        stage.pass(seconds * FakeStage.SECOND);
        return this;
    }

    FakeCluster end() {
        workload.end();
        for (int i = 0; i < 200 && !workload.isSettled(); i++) {
            stage.pass(FakeStage.SECOND / 5);
        }
        return this;
    }

    History history() {
        return workload.history(true, members.size());
    }
}
