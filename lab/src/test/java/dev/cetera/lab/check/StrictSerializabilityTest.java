package dev.cetera.lab.check;

import static dev.cetera.lab.check.Scene.all;
import static dev.cetera.lab.check.Scene.compact;
import static dev.cetera.lab.check.Scene.delete;
import static dev.cetera.lab.check.Scene.deleteAll;
import static dev.cetera.lab.check.Scene.get;
import static dev.cetera.lab.check.Scene.grant;
import static dev.cetera.lab.check.Scene.put;
import static dev.cetera.lab.check.Scene.revoke;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StrictSerializabilityTest {
    private static final int SEEDS = Integer.getInteger("cetera.seeds", 1_500);

    private final Scene scene = new Scene();

    // ---- made up histories ----

    @Test
    void rightHistoriesAreRight() {
        for (long seed = 0; seed < SEEDS; seed++) {
            check(Improvised.Profile.SMALL, seed);
            if (seed % 10 == 0) {
                check(Improvised.Profile.USUAL, seed);
            }
        }
    }

    @Test
    void aLongHistoryOfManyClientsIsDecided() {
        check(Improvised.Profile.LARGE, 1);
    }

    private static void check(Improvised.Profile profile, long seed) {
        var history = Improvised.history(profile, seed);
        try {
            assertThat(Checks.checkOnce(history, Improvised.SLACK).undecided()).isNull();
        } catch (AssertionError wrong) {
            throw new AssertionError("seed " + seed + " of " + profile + ": " + wrong.getMessage(), wrong);
        }
    }

    /// Right ones, and the same with an answer, a revision or a time changed.
    @Test
    void theSearchAgreesWithOneThatTriesEveryOrder() {
        int right = 0;
        int wrong = 0;
        for (long seed = 0; seed < 3L * SEEDS; seed++) {
            var random = new Random(seed);
            var history = ordered(Improvised.history(new Improvised.Profile(3, 9, 2, 0, 4), seed));
            for (int i = 0; i < 1 + random.nextInt(2); i++) {
                history = random.nextInt(3) == 0 ? history : twisted(history, random);
            }
            boolean expected = ObviousSearch.hasOrder(history);
            boolean found = hasOrder(history);
            right += expected ? 1 : 0;
            wrong += expected ? 0 : 1;
            assertThat(found).as("seed %d: %s", seed, Transcript.of(history)).isEqualTo(expected);
        }
        assertThat(right).isGreaterThan(SEEDS / 4);
        assertThat(wrong).isGreaterThan(SEEDS / 4);
    }

    private static boolean hasOrder(History history) {
        try {
            assertThat(StrictSerializability.check(history).isDecided()).isTrue();
            return true;
        } catch (Violation none) {
            return false;
        }
    }

    /// Only what has a place in the order.
    private static History ordered(History history) {
        return Spoiled.operations(
                history,
                operations -> operations.stream()
                        .filter(operation -> isOrdered(operation))
                        .toList());
    }

    private static boolean isOrdered(Operation operation) {
        return switch (operation.request()) {
            case RangeRequest range -> !range.getSerializable();
            case PutRequest _, TxnRequest _, LeaseGrantRequest _, LeaseRevokeRequest _ -> true;
            default -> Call.of(operation) != null;
        };
    }

    private static History twisted(History history, Random random) {
        var operations = new ArrayList<>(history.operations());
        if (operations.isEmpty()) {
            return history;
        }
        int which = random.nextInt(operations.size());
        var operation = operations.get(which);
        var other = operations.get(random.nextInt(operations.size()));
        long shift = (random.nextInt(41) - 20) * Improvised.MILLISECOND;
        boolean alike = other.request().getClass() == operation.request().getClass();
        Operation changed = switch (random.nextInt(4)) {
            case 0 -> alike ? Spoiled.with(operation, other.outcome()) : operation;
            case 1 -> Spoiled.with(operation, shifted(operation.outcome(), random.nextBoolean() ? 1 : -1));
            case 2 ->
                operation.ended() == Operation.NEVER
                        ? operation
                        : Spoiled.at(operation, operation.called() + shift, operation.ended() + shift);
            default -> Spoiled.with(operation, new Outcome.Unknown("twisted"));
        };
        operations.set(which, changed);
        return Spoiled.operations(history, _ -> operations);
    }

    private static Outcome shifted(Outcome outcome, long by) {
        if (!(outcome instanceof Outcome.Answered(var response))) {
            return outcome;
        }
        var header = Requests.header(response);
        var field = response.getDescriptorForType().findFieldByName("header");
        return new Outcome.Answered(response.toBuilder()
                .setField(
                        field,
                        header.toBuilder()
                                .setRevision(Math.max(1, header.getRevision() + by))
                                .build())
                .build());
    }

    // ---- planted violations ----

    private void isRight() {
        assertThatCode(() -> Checks.checkOnce(scene.history(), Improvised.SLACK))
                .doesNotThrowAnyException();
    }

    private Violation breaks() {
        return breaks(scene.history());
    }

    private static Violation breaks(History history) {
        var caught = new ArrayList<Violation>();
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(history, Improvised.SLACK))
                .satisfies(violation -> assertThat(violation.guarantee()).isEqualTo("StrictSerializability"))
                .satisfies(caught::add);
        return caught.getFirst();
    }

    @Test
    void aLostWriteIsNoticed() {
        var before = scene.state();
        scene.does(put("a", "1").build()).claimsAsOf(before, get("a"));
        breaks();
    }

    @Test
    void aWriteThatIsLostLaterIsNoticed() {
        scene.does(put("a", "1").build()).does(get("a"));
        var before = scene.state();
        scene.does(put("a", "2").build()).claimsAsOf(before, put("b", "1").build());
        // Two writes of one revision contradict each other at first sight.
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(scene.history(), Improvised.SLACK))
                .satisfies(violation -> assertThat(violation.guarantee()).isEqualTo("RevisionAlgebra"));
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> StrictSerializability.check(scene.history()))
                .satisfies(violation -> assertThat(violation.guarantee()).isEqualTo("StrictSerializability"));
    }

    @Test
    void aStaleReadIsNoticed() {
        scene.does(put("a", "1").build());
        var before = scene.state();
        scene.does(put("a", "2").build()).does(put("b", "2").build()).claimsAsOf(before, get("a"));
        breaks();
    }

    @Test
    void aStaleReadAfterAWatchHasShownMoreIsNoticed() {
        scene.does(put("a", "1").build());
        var before = scene.state();
        scene.doesUnseen(put("a", "2").build());
        scene.watch(all(3), Watch.End.BROKEN, scene.created(), scene.events(3));
        scene.claimsAsOf(before, get("a"));
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(scene.history(), Improvised.SLACK));
    }

    @Test
    void anUnknownWriteMayTakeEffectOrNot() {
        scene.does(put("a", "1").build())
                .loses(put("a", "2").build())
                .does(get("a"))
                .doesUnseen(put("a", "3").build())
                .does(get("a"))
                .loses(delete("a"))
                .does(get("a"));
        isRight();
    }

    @Test
    void anUnknownWriteMayTakeEffectLongAfterItsCall() {
        scene.does(put("a", "1").build()).loses(put("a", "2").build()).does(get("a"));
        var late = scene.state().apply(put("a", "2").build()).after();
        scene.claimsAsOf(late, get("a"));
        isRight();
    }

    @Test
    void theOrderThatAWatchWasToldSaysWhichUnknownWriteItWas() {
        var backwards = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete("b")))
                .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete("a")));
        scene.does(put("a", "1").build())
                .does(put("b", "1").build())
                .loses(deleteAll())
                .doesUnseen(backwards.build())
                .does(get("a"))
                .watch(Scene.all(2), scene.created(), scene.events(2), scene.events(3), scene.events(4));
        isRight();
    }

    @Test
    void whatAWatchWasToldOfAnAnsweredWriteSaysWhichUnknownWriteCameBefore() {
        scene.does(put("a", "1").build())
                .loses(delete("a"))
                .doesUnseen(put("a", "2").build())
                .does(put("a", "3").build())
                .watch(Scene.all(4), scene.created(), scene.events(4));
        isRight();
    }

    @Test
    void aWriteThatWasSeenAndIsGoneIsNoticed() {
        scene.does(put("a", "1").build());
        var without = scene.state();
        scene.doesUnseen(put("a", "2").build()).does(get("a"));
        scene.claimsAsOf(without, get("a"));
        breaks();
    }

    @Test
    void aWriteThatTakesEffectTwiceIsNoticed() {
        scene.doesUnseen(put("a", "1").build()).does(get("a"));
        var twice = scene.state().apply(put("a", "1").build()).after();
        scene.claimsAsOf(twice, get("a"));
        breaks();
    }

    @Test
    void writesInAnOrderAgainstTimeAreNoticed() {
        scene.does(put("a", "1").build()).does(put("b", "1").build());
        var history = scene.history();
        var first = history.operations().get(0);
        var second = history.operations().get(1);
        var swapped = Spoiled.operations(
                history,
                _ -> List.of(
                        Spoiled.at(second, first.called(), first.ended()),
                        Spoiled.at(first, second.called(), second.ended())));
        breaks(swapped);
    }

    @Test
    void halfATransactionIsNoticed() {
        var txn = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "1")))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "1")))
                .build();
        var half = scene.state().apply(put("a", "1").build()).after();
        scene.does(txn).claimsAsOf(half, get("b"));
        breaks();
    }

    @Test
    void aComparisonThatTookTheWrongBranchIsNoticed() {
        scene.does(put("a", "1").build());
        var before = scene.state();
        var txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(Scene.bytes("a"))
                        .setTarget(Compare.CompareTarget.VALUE)
                        .setValue(Scene.bytes("1")))
                .addSuccess(RequestOp.newBuilder().setRequestRange(get("a")))
                .build();
        scene.does(put("a", "2").build()).claimsAsOf(before, txn);
        breaks();
    }

    @Test
    void aRangeAtAnOldRevisionShowsThatRevision() {
        scene.does(put("a", "1").build()).does(put("a", "2").build());
        var old = get("a").toBuilder().setRevision(2).build();
        scene.does(old);
        isRight();
        var newest = RangeResponse.newBuilder()
                .setHeader(Improvised.header(3))
                .setCount(1)
                .addKvs(scene.event(3).getKv());
        breaks(Spoiled.answer(scene.history(), scene.history().operations().getLast(), newest.build()));
    }

    @Test
    void aCompactionMustHaveHappenedToRefuseARead() {
        scene.does(put("a", "1").build()).does(put("a", "2").build());
        var old = get("a").toBuilder().setRevision(2).build();
        scene.refuses(old, Refusal.COMPACTED);
        breaks();
    }

    @Test
    void aCompactionOfUnknownOutcomeMayHaveRefusedARead() {
        scene.does(put("a", "1").build()).does(put("a", "2").build()).loses(compact(3));
        scene.refuses(get("a").toBuilder().setRevision(2).build(), Refusal.COMPACTED);
        isRight();
    }

    @Test
    void aReadOfWhatIsCompactedIsNoticed() {
        scene.does(put("a", "1").build()).does(put("a", "2").build());
        var before = scene.state();
        scene.does(compact(3))
                .claimsAsOf(before, get("a").toBuilder().setRevision(2).build());
        breaks();
    }

    @Test
    void aLeaseMayEndByItselfAndTakesItsKeysInOneRevision() {
        scene.does(grant(7, 1))
                .does(put("a", "1").setLease(7).build())
                .does(put("b", "1").setLease(7).build())
                .pause(2 * Improvised.SECOND)
                .endsLease(7)
                .does(get("a"))
                .does(get("b"))
                .refuses(put("a", "2").setLease(7).build(), Refusal.LEASE_NOT_FOUND);
        isRight();
    }

    @Test
    void aKeyThatOutlivesItsLeaseIsNoticed() {
        scene.does(grant(7, 1))
                .does(put("a", "1").setLease(7).build())
                .does(put("b", "1").setLease(7).build())
                .pause(2 * Improvised.SECOND);
        var half = scene.state().apply(delete("a")).after();
        scene.claimsAsOf(half, get("a")).claimsAsOf(half, get("b"));
        breaks();
    }

    @Test
    void aLeaseThatRefusesWhileItsKeyLivesIsNoticed() {
        scene.does(grant(7, 1)).does(put("a", "1").setLease(7).build()).pause(2 * Improvised.SECOND);
        scene.refuses(put("b", "2").setLease(7).build(), Refusal.LEASE_NOT_FOUND)
                .does(get("a"));
        breaks();
    }

    @Test
    void aLeaseMustBeThereToBeUsed() {
        scene.does(grant(7, 100)).does(revoke(7));
        var with = scene.state().apply(grant(7, 100)).after();
        scene.claimsAsOf(with, put("a", "1").setLease(7).build());
        breaks();
    }

    @Test
    void aLeaseOfUnknownOutcomeMayBeUsed() {
        scene.doesUnseen(grant(7, 100)).does(put("a", "1").setLease(7).build());
        isRight();
    }

    @Test
    void aRefusalWithoutReasonIsNoticed() {
        scene.refuses(put("a", "1").build(), Refusal.EMPTY_KEY);
        breaks();
    }

    @Test
    void aSerializableReadMayShowThePastButNotWhatNeverWas() {
        scene.does(put("a", "1").build());
        var old = scene.state();
        var never = old.apply(put("a", "9").build()).after();
        scene.does(put("a", "2").build());
        var read = get("a").toBuilder().setSerializable(true).build();
        scene.claimsAsOf(old, read);
        isRight();
        scene.claimsAsOf(never, read);
        // Two values of one key and revision contradict each other at first sight.
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> StrictSerializability.check(scene.history()))
                .satisfies(violation -> assertThat(violation.guarantee()).isEqualTo("StrictSerializability"));
    }

    @Test
    void aWrongHashIsNoticed() {
        scene.does(put("a", "1").build());
        var hash = scene.state().hash(2, -1);
        var answer = HashKVResponse.newBuilder()
                .setHeader(Improvised.header(2))
                .setHash(hash == null ? 0 : hash)
                .setCompactRevision(-1);
        scene.claims(HashKVRequest.getDefaultInstance(), answer.build());
        isRight();
        scene.claims(
                HashKVRequest.getDefaultInstance(),
                answer.setHash(answer.getHash() + 1).build());
        breaks();
    }

    @Test
    void aSearchThatTakesTooLongIsUndecided() {
        var history = Improvised.history(Improvised.Profile.SMALL, 3);
        var story = StrictSerializability.check(history, Set.of(), 5);
        assertThat(story.isDecided()).isFalse();
        assertThat(story.undecided()).contains("5 steps");
    }

    @Test
    void theStorySaysWhatMadeEachRevision() {
        scene.does(grant(7, 1))
                .doesUnseen(put("a", "1").setLease(7).build())
                .does(put("b", "1").build())
                .pause(2 * Improvised.SECOND)
                .endsLease(7)
                .does(get("a"));
        var story = Checks.checkOnce(scene.history(), Improvised.SLACK);
        assertThat(story.revision()).isEqualTo(4);
        assertThat(story.chapter(2).operation())
                .isEqualTo(scene.history().operations().get(1));
        assertThat(story.chapter(3).operation())
                .isEqualTo(scene.history().operations().get(2));
        assertThat(story.chapter(4).operation()).isNull();
        assertThat(story.chapter(4).lease()).isEqualTo(7);
        assertThat(story.keysAt(3)).hasSize(2);
        assertThat(story.keysAt(4)).hasSize(1);
    }
}
