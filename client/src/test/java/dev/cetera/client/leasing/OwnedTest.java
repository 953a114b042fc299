package dev.cetera.client.leasing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.client.Compare;
import dev.cetera.client.Header;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// When what is kept is answered with, and when not.
class OwnedTest {
    private static final Key K = Key.of("k");

    private final AtomicBoolean alive = new AtomicBoolean(true);
    private final AtomicLong nanos = new AtomicLong(-5);
    private final Owned owned = new Owned(3, alive::get, nanos::get);

    private static KeyValue kv(Key key, long revision, long lease) {
        return new KeyValue(key, Value.of("v" + revision), revision, revision, 1, lease);
    }

    private static Header at(long revision) {
        return new Header(1, 2, revision, 3);
    }

    private void own(Key key, long since) {
        assertThat(owned.mayAcquire(key)).isTrue();
        owned.saw(at(since));
        assertThat(owned.acquired(key, kv(key, 2, 0), at(since))).isEmpty();
    }

    /// The revision that it was written at, 0 if it doesn't exist, nothing if a member must be asked.
    private Optional<Long> read() {
        return Optional.ofNullable(owned.get(Op.get(K)))
                .map(answer -> answer.first().map(KeyValue::modRevision).orElse(0L));
    }

    private static Map<Key, Answers.State> left(long revision) {
        return Map.of(K, new Answers.State(kv(K, revision, 0)));
    }

    @Test
    void nothingIsAnsweredOnceTheLeaseMayBeOver() {
        own(K, 10);
        assertThat(read()).contains(2L);
        alive.set(false);
        assertThat(read()).isEmpty();
        assertThat(owned.get(Txn.when(Compare.exists(K)).then(Op.get(K)))).isNull();
        assertThat(owned.mayAcquire(Key.of("other"))).isFalse();
        alive.set(true);
        owned.end();
        assertThat(read()).isEmpty();
        assertThat(owned.mayAcquire(Key.of("other"))).isFalse();
    }

    @Test
    void nothingIsAnsweredWhileAWriteIsUnderWay() {
        own(K, 10);
        var first = owned.beginWrite(Scope.of(Op.put("k", "1")));
        var second = owned.beginWrite(Scope.of(Op.delete(KeyRange.prefix(""))));
        assertThat(read()).isEmpty();
        // The answer to the later one comes first.
        assertThat(owned.written(second, left(13), 13)).isEmpty();
        assertThat(read()).isEmpty();
        assertThat(owned.written(first, left(12), 12)).isEmpty();
        assertThat(read()).contains(13L);
        var third = owned.beginWrite(Scope.of(Txn.of(Op.get("k")).otherwise(Txn.of(Op.put("k", "1")))));
        assertThat(read()).isEmpty();
        owned.notWritten(third);
        assertThat(read()).contains(13L);
    }

    @Test
    void whatNobodyKnowsTheOutcomeOfIsForgotten() {
        own(K, 10);
        var write = owned.beginWrite(Scope.of(Op.put("k", "1")));
        assertThat(owned.written(write, Map.of(), 0)).containsExactly(new Owned.Release(K, 10));
        assertThat(read()).isEmpty();
        assertThat(owned.has(K, 10)).isFalse();
    }

    @Test
    void whatGoesByItselfIsForgotten() {
        own(K, 10);
        var write = owned.beginWrite(Scope.of(Op.put("k", "1")));
        var attached = Map.of(K, new Answers.State(kv(K, 11, 77)));
        assertThat(owned.written(write, attached, 11)).containsExactly(new Owned.Release(K, 10));
        assertThat(read()).isEmpty();
    }

    @Test
    void aWriteFromBeforeTheKeyWasLostSaysNothingOfItAfter() {
        own(K, 10);
        var write = owned.beginWrite(Scope.of(Op.put("k", "1")));
        owned.forget(K, 12);
        own(K, 15);
        owned.written(write, left(11), 11);
        assertThat(read()).contains(2L);
        assertThat(owned.has(K, 15)).isTrue();
    }

    @Test
    void aRevocationThatComesBeforeTheAnswerIsHeard() {
        assertThat(owned.mayAcquire(K)).isTrue();
        assertThat(owned.mayAcquire(K)).as("twice at a time").isFalse();
        owned.forget(K, 11);
        assertThat(owned.acquired(K, null, at(10))).containsExactly(new Owned.Release(K, 10));
        assertThat(read()).isEmpty();
        // One of an earlier owner says nothing.
        assertThat(owned.mayAcquire(K)).isTrue();
        owned.forget(K, 11);
        assertThat(owned.acquired(K, null, at(12))).isEmpty();
        assertThat(read()).contains(0L);
        owned.forget(K, 11);
        assertThat(read()).contains(0L);
        owned.forget(K, 13);
        assertThat(read()).isEmpty();
    }

    @Test
    void whatWasAcquiredAfterTheEndIsGivenUp() {
        assertThat(owned.mayAcquire(K)).isTrue();
        owned.end();
        assertThat(owned.acquired(K, null, at(10))).containsExactly(new Owned.Release(K, 10));
        assertThat(read()).isEmpty();
    }

    @Test
    void aKeyThatOthersWantRestsForTwoSeconds() {
        owned.rest(K);
        assertThat(owned.mayAcquire(K)).isFalse();
        nanos.addAndGet(Duration.ofMillis(1999).toNanos());
        assertThat(owned.mayAcquire(K)).isFalse();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(owned.mayAcquire(K)).isTrue();
        owned.notAcquired(K);
        assertThat(owned.mayAcquire(K)).isFalse();
    }

    @Test
    void thoseThatWereNotReadForLongestAreGivenUp() {
        own(K, 10);
        own(Key.of("a"), 11);
        own(Key.of("b"), 12);
        assertThat(read()).isPresent();
        assertThat(owned.mayAcquire(Key.of("c"))).isTrue();
        assertThat(owned.acquired(Key.of("c"), null, at(13))).containsExactly(new Owned.Release(Key.of("a"), 11));
        assertThat(owned.size()).isEqualTo(3);
    }

    @Test
    void answersAreOfTheNewestRevisionThatWasSeen() {
        own(K, 10);
        owned.saw(at(20));
        owned.saw(at(15));
        var answer = Objects.requireNonNull(owned.get(Op.get(K)));
        assertThat(answer.header()).isEqualTo(at(20));
    }

    @Test
    void aScopeMeetsTheRangesThatItWritesIn() {
        var leasingKeys = KeyRange.prefix("m/");
        assertThat(Scope.of(Op.put("m/1", "x")).meets(leasingKeys)).isTrue();
        assertThat(Scope.of(Op.put("m", "x")).meets(leasingKeys)).isFalse();
        assertThat(Scope.of(Op.delete(KeyRange.all())).meets(leasingKeys)).isTrue();
        assertThat(Scope.of(Op.delete(KeyRange.from(Key.of("n")))).meets(leasingKeys))
                .isFalse();
        assertThat(Scope.of(Op.delete(KeyRange.between(Key.of("a"), Key.of("m/"))))
                        .meets(leasingKeys))
                .isFalse();
        assertThat(Scope.of(Txn.of(Txn.of().otherwise(Op.delete(KeyRange.prefix("m")))))
                        .meets(leasingKeys))
                .isTrue();
        assertThat(Scope.of(Txn.of(Op.get(KeyRange.all()))).isEmpty()).isTrue();
    }
}
