package dev.cetera.lab.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetOption.SortOrder;
import dev.cetera.client.GetOption.SortTarget;
import dev.cetera.client.KV;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.PutOption;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import dev.cetera.client.leasing.Leasing;
import dev.cetera.client.leasing.LeasingOption;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a leasing client answers by itself, and that it is never stale, on a member of ours and on one of
/// etcd's.
class LeasingTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);
    private static final Key K = Key.of("k");

    @RegisterExtension
    final Evidence evidence = new Evidence();

    /// Whose the member is.
    enum Whose {
        OURS,
        ETCDS;

        Program program() {
            return this == OURS ? Program.underTest() : Program.etcd();
        }
    }

    private Member started(Whose whose) throws IOException, InterruptedException {
        return evidence.closing(Member.in(evidence.directory(), "solo")).start(whose.program());
    }

    private Client client(Member member) {
        return evidence.closing(Client.connect(member.endpoint()));
    }

    private Leasing leasing(Client client) {
        return evidence.closing(Leasing.open(client, "leasing/"));
    }

    private static String text(KV kv, String key) {
        return kv.get(key).first().map(each -> each.value().string()).orElse("");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOwnedIsAnsweredWithoutAMember(Whose whose) throws Exception {
        var member = started(whose);
        var client = client(member);
        client.kv().put("k", "abc");
        var kv = leasing(client).kv().within(AT_ONCE);
        kv.get(KeyRange.of("k"), GetOption.DEFAULTS.withKeysOnly());
        kv.get("absent");
        var questions = List.<Op>of(
                Op.get("k"),
                Op.get("absent"),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withKeysOnly()),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withCountOnly()),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withLimit(1)),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withSort(SortTarget.VERSION, SortOrder.DESCENDING)),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withSerializable()),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withModRevisions(2, 2)),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withModRevisions(3, 0)),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withModRevisions(0, 1)),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withCreateRevisions(3, 0)),
                Op.get(KeyRange.of("k"), GetOption.DEFAULTS.withCreateRevisions(1, 9)),
                asked(Compare.value(K).equalTo("abc")),
                asked(Compare.value(K).greaterThan(Value.of("abb"))),
                asked(Compare.value(K).lessThan(Value.of("abc"))),
                asked(Compare.value(K).notEqualTo(Value.of("abc"))),
                asked(Compare.value(Key.of("absent")).notEqualTo(Value.of("abc"))),
                asked(Compare.missing(Key.of("absent"))),
                asked(Compare.createRevision(K).equalTo(2)),
                asked(Compare.modRevision(K).greaterThan(2)),
                asked(Compare.lease(K).equalTo(0)),
                asked(Compare.version(K).equalTo(1), Compare.version(K).lessThan(1)),
                Txn.of(Op.get("k"), Txn.when(Compare.exists(K)).then(Op.get("absent")), Op.get("k")));
        var expected = questions.stream().map(client.kv()::run).toList();
        member.freeze();
        var answers = questions.stream().map(kv::run).toList();
        // A comparison that doesn't hold decides, whatever the members may say to the others.
        var decided = kv.commit(Txn.when(Compare.exists(Key.of("unknown")), Compare.missing(K))
                .then(Op.put("k", "x"))
                .otherwise(Op.get("k")));
        assertThatThrownBy(() -> kv.within(Duration.ofMillis(100)).get("unknown"))
                .isInstanceOf(DeadlineException.class);
        assertThatThrownBy(() -> kv.within(Duration.ofMillis(100)).put("unknown", "x"))
                .isInstanceOf(DeadlineException.class);
        member.thaw();
        assertThat(answers)
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*header")
                .isEqualTo(expected);
        assertThat(decided.succeeded()).isFalse();
        assertThat(decided.get(0).first().orElseThrow().value().string()).isEqualTo("abc");
    }

    private static Txn asked(Compare... compares) {
        return Txn.when(compares).then(Op.get("k")).otherwise(Op.get("absent"), Op.get("k"));
    }

    @ParameterizedTest
    @EnumSource
    void theOwnersWritesAreKept(Whose whose) throws Exception {
        var member = started(whose);
        var client = client(member);
        client.kv().put("k", "abc");
        var leasing = leasing(client);
        var kv = leasing.kv().within(AT_ONCE);
        var keys = List.of("k", "new", "gone", "kept", "nested", "in/1", "in/2");
        keys.forEach(kv::get);
        var put = kv.put(K, Value.of("def"), PutOption.DEFAULTS.withPrevious());
        assertThat(put.previous().orElseThrow().value().string()).isEqualTo("abc");
        kv.put("new", "1");
        kv.put("gone", "1");
        assertThat(kv.delete("gone").deleted()).isEqualTo(1);
        assertThat(kv.delete("gone").deleted()).isZero();
        kv.put("kept", "1");
        kv.put(Key.of("kept"), Value.EMPTY, PutOption.DEFAULTS.keepingValue());
        kv.put("in/1", "1");
        assertThat(kv.delete(KeyRange.prefix("in/")).deleted()).isEqualTo(1);
        var done = kv.commit(Txn.when(Compare.missing(Key.of("nobody's")))
                .then(Txn.when(Compare.exists(Key.of("nobody's")))
                        .then(Op.put("k", "not"))
                        .otherwise(Op.put("nested", "1"), Op.get("nested"))));
        assertThat(done.succeeded()).isTrue();
        assertThat(leasing.size()).isEqualTo(keys.size());
        var expected = keys.stream().map(key -> client.kv().get(key).kvs()).toList();
        member.freeze();
        assertThat(keys.stream().map(key -> kv.get(key).kvs()).toList()).isEqualTo(expected);
        assertThat(kv.get("k").header().revision()).isEqualTo(done.header().revision());
        assertThatThrownBy(() -> kv.within(Duration.ofMillis(200)).put("k", "perhaps"))
                .isInstanceOf(DeadlineException.class);
        // Who knows what it is now?
        assertThatThrownBy(() -> kv.within(Duration.ofMillis(200)).get("k")).isInstanceOf(DeadlineException.class);
        member.thaw();
        Await.await(
                "it is owned again",
                SOON,
                () -> kv.get("k").kvs().equals(client.kv().get("k").kvs()) && leasing.size() == keys.size());
    }

    @ParameterizedTest
    @EnumSource
    void whatOneWritesAllOthersRead(Whose whose) throws Exception {
        var client = client(started(whose));
        var first = leasing(client);
        var second = leasing(client).kv();
        var third = leasing(client).kv();
        var kv = first.kv();
        for (var key : List.of("k", "k2", "in/1", "in/2", "j", "m")) {
            kv.put(key, "abc");
            kv.get(key);
        }
        second.put("k", "def");
        assertThat(List.of(text(kv, "k"), text(third, "k"), text(second, "k"))).containsOnly("def");
        second.delete("k2");
        assertThat(kv.get("k2").count()).isZero();
        assertThat(first.size()).isEqualTo(4);
        var done = second.commit(Txn.of(
                Txn.of(Op.put("j", "ghi")),
                Op.put("k", "ghi"),
                Op.put("k3", "ghi"),
                Op.delete(KeyRange.prefix("in/"))));
        assertThat(done.responses()).hasSize(4);
        assertThat(List.of(text(kv, "j"), text(kv, "k"), text(kv, "k3"))).containsOnly("ghi");
        assertThat(kv.get("in/1").count()).isZero();
        // What lies beside a range that is deleted is still owned.
        assertThat(first.size()).isPositive();
        third.delete(KeyRange.prefix("k"));
        assertThat(kv.get(KeyRange.prefix("k")).count()).isZero();
        assertThat(text(kv, "m")).isEqualTo("abc");
        assertThat(client.kv().get("leasing/m").count()).isEqualTo(1);
        // To the end of all keys, but leasing keys are not for everybody to write.
        assertThat(third.delete(KeyRange.between(Key.of("m"), Key.of("z"))).deleted())
                .isEqualTo(1);
        for (var op : List.of(
                Op.delete(KeyRange.all()),
                Op.delete(KeyRange.from(K)),
                Op.put("leasing/m", "x"),
                Op.delete("leasing/"))) {
            assertThatThrownBy(() -> third.run(op)).isInstanceOf(IllegalArgumentException.class);
        }
        kv.get("m");
        kv.get("leasing/m");
        assertThat(client.kv().get(KeyRange.prefix("leasing/leasing/")).count()).isZero();
        first.close();
        assertThat(kv.put("m", "x").previous()).isEmpty();
        assertThat(text(second, "m")).isEqualTo("x");
    }

    @ParameterizedTest
    @EnumSource
    void whatGoesByItselfOrIsTooMuchIsNotOwned(Whose whose) throws Exception {
        var client = client(started(whose));
        long lease = client.lease().grant(SOON).id();
        var attached = PutOption.DEFAULTS.withLease(lease);
        client.kv().put(K, Value.of("v"), attached);
        var leasing =
                evidence.closing(Leasing.open(client, Key.of("leasing/"), LeasingOption.DEFAULTS.withMostKeys(2)));
        var kv = leasing.kv();
        assertThat(text(kv, "k")).isEqualTo("v");
        assertThat(leasing.size()).isZero();
        kv.get("own");
        assertThat(leasing.size()).isEqualTo(1);
        kv.put(Key.of("own"), Value.of("v"), attached);
        assertThat(leasing.size()).isZero();
        client.lease().revoke(lease);
        assertThat(kv.get("k").count() + kv.get("own").count()).isZero();
        List.of("1", "2", "1", "3").forEach(kv::get);
        assertThat(leasing.size()).isEqualTo(2);
        Await.await(
                "one is given up",
                SOON,
                () -> !client.kv().get(KeyRange.prefix("leasing/")).kvs().stream()
                        .map(each -> each.key().string())
                        .toList()
                        .contains("leasing/2"));
        assertThat(kv.get(KeyRange.of("k"), GetOption.DEFAULTS.withRevision(2)).count())
                .isEqualTo(1);
    }

    /// The owner hears nothing of the revocation, nor that its lease is over: it must know by its clock.
    @ParameterizedTest
    @EnumSource
    void whoIsCutOffAnswersNothingOnceOthersMayWrite(Whose whose) throws Exception {
        var member = started(whose);
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        // So that it finds another way only when the lease is over.
        var cutOff = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofSeconds(2), Duration.ofSeconds(2))
                .connect());
        var ttl = LeasingOption.DEFAULTS.withTtl(Duration.ofSeconds(2));
        var owner = evidence.closing(Leasing.open(cutOff, Key.of("leasing/"), ttl));
        var other = leasing(client(member)).kv();
        other.put("k", "old");
        assertThat(text(owner.kv(), "k")).isEqualTo("old");
        water.cut();
        var writing = other.async().put("k", "new");
        var quick = owner.kv().within(Duration.ofMillis(300));
        int answered = 0;
        try {
            while (true) {
                boolean written = writing.isDone();
                assertThat(text(quick, "k")).isEqualTo("old");
                assertThat(written)
                        .as("answered with what is old after the write")
                        .isFalse();
                answered++;
            }
        } catch (DeadlineException e) {
            assertThat(answered).isPositive();
        }
        writing.get(30, TimeUnit.SECONDS);
        assertThat(text(owner.kv(), "k")).isEqualTo("new");
        Await.await("it begins anew", SOON, () -> owner.kv().get("k").count() == 1 && owner.size() == 1);
    }

    @ParameterizedTest
    @EnumSource(names = "OURS")
    void noRangeIsWrittenBeforeItsOwnersHaveGivenItUp(Whose whose) throws Exception {
        var member = started(whose);
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var cutOff = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofSeconds(4), Duration.ofSeconds(2))
                .connect());
        var owner = leasing(cutOff).kv();
        var direct = client(member);
        var other = leasing(direct).kv();
        other.put("k", "old");
        assertThat(text(owner, "k")).isEqualTo("old");
        water.cut();
        // Long enough for it to look again.
        assertThatThrownBy(() -> other.within(Duration.ofSeconds(3)).delete(KeyRange.prefix("k")))
                .isInstanceOf(DeadlineException.class);
        assertThat(direct.kv().get("k").count()).isEqualTo(1);
        assertThat(other.within(SOON).delete(KeyRange.prefix("k")).deleted()).isEqualTo(1);
        assertThat(owner.within(SOON).get("k").count()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = "OURS")
    void aRevocationIsNotMissedWithTheHistoryOfIt(Whose whose) throws Exception {
        var member = started(whose);
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var cutOff = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofMillis(500), Duration.ofSeconds(1))
                .connect());
        var owner = leasing(cutOff);
        var direct = client(member);
        var other = leasing(direct).kv();
        owner.kv().get("k");
        water.cut();
        var writing = other.within(SOON).async().put("k", "new");
        Await.await("revoked", SOON, () -> text(direct.kv(), "leasing/k").equals("REVOKE"));
        direct.kv().put("x", "1");
        direct.kv().compact(direct.kv().put("x", "2").header().revision());
        writing.get(30, TimeUnit.SECONDS);
        assertThat(text(owner.kv(), "k")).isEqualTo("new");
    }

    /// Writes that come late, after everybody has given them up, between reads of what is owned.
    @ParameterizedTest
    @EnumSource(names = "OURS")
    void aLateWriteIsNotHidden(Whose whose) throws Exception {
        var member = started(whose);
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var client = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofMillis(500), Duration.ofSeconds(1))
                .dialTimeout(SOON)
                .waitUntilConnected()
                .connect());
        var owner = leasing(client);
        var direct = client(member).kv();
        for (Op write : List.<Op>of(Op.put("k", "late"), Op.delete(KeyRange.prefix("k")))) {
            owner.kv().put("k", "early");
            Await.await("it is owned", SOON, () -> owner.kv().get("k").count() == 1 && owner.size() == 1);
            water.stand();
            assertThatThrownBy(() -> owner.kv().within(Duration.ofMillis(200)).run(write))
                    .isInstanceOf(DeadlineException.class);
            Await.await("it is known again", SOON, () -> text(owner.kv(), "k").equals(text(direct, "k")));
            water.flow(SOON);
            assertThat(owner.kv().get("k").kvs()).isEqualTo(direct.get("k").kvs());
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobodyReadsWhatIsOlderThanWhatAnybodyHasSeen(Whose whose) throws Exception {
        var member = started(whose);
        int keys = 3;
        var seen = new AtomicLongArray(keys);
        var fromCache = new AtomicLong();
        var all = new ArrayList<CompletableFuture<Void>>();
        var clients = List.of(client(member), client(member), client(member));
        for (int i = 0; i < 6; i++) {
            var random = new Random(i);
            var leasing = i < 3 ? leasing(clients.get(i)) : null;
            // Half of the threads share a leasing client with another.
            all.add(CompletableFuture.runAsync(
                    () -> {
                        var mine = leasing != null ? leasing : leasing(clients.get(random.nextInt(3)));
                        for (int j = 0; j < 200; j++) {
                            step(mine, random, seen, fromCache);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        for (var each : all) {
            each.get(60, TimeUnit.SECONDS);
        }
        assertThat(fromCache.get()).isPositive();
        assertThat(IntStream.range(0, keys).mapToObj(i -> clients.get(0).kv().get("r" + i)))
                .allSatisfy(found ->
                        assertThat(found.first().orElseThrow().modRevision()).isPositive());
    }

    private static void step(Leasing leasing, Random random, AtomicLongArray seen, AtomicLong fromCache) {
        int number = random.nextInt(seen.length());
        var key = Key.of("r" + number);
        int what = random.nextInt(20);
        long before = seen.get(number);
        if (what == 0) {
            long at = leasing.kv().put(key, Value.of("x")).header().revision();
            seen.accumulateAndGet(number, at, Math::max);
        } else if (what == 1) {
            long[] both = {before, seen.get((number + 1) % seen.length())};
            var next = Key.of("r" + (number + 1) % seen.length());
            var done = leasing.kv().commit(Txn.of(Op.put(key, Value.of("t")), Op.put(next, Value.of("t"))));
            long at = done.header().revision();
            assertThat(at).isGreaterThan(Math.max(both[0], both[1]));
            seen.accumulateAndGet(number, at, Math::max);
            seen.accumulateAndGet((number + 1) % seen.length(), at, Math::max);
        } else {
            boolean owned = leasing.size() > 0;
            var found = leasing.kv().get(key).first();
            long at = found.isEmpty() ? 0 : found.get().modRevision();
            assertThat(at).isGreaterThanOrEqualTo(before);
            seen.accumulateAndGet(number, at, Math::max);
            fromCache.addAndGet(owned ? 1 : 0);
        }
    }
}
