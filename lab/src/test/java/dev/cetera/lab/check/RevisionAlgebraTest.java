package dev.cetera.lab.check;

import static dev.cetera.lab.check.Scene.all;
import static dev.cetera.lab.check.Scene.get;
import static dev.cetera.lab.check.Scene.progress;
import static dev.cetera.lab.check.Scene.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Watch;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RevisionAlgebraTest {
    /// Key a with versions 1 and 2, then a read of it.
    private final Scene scene =
            new Scene().does(put("a", "1").build()).does(put("a", "2").build()).does(get("a"));

    private static void breaks(History history) {
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(history, Improvised.SLACK))
                .satisfies(violation -> assertThat(violation.guarantee()).isEqualTo("RevisionAlgebra"));
    }

    /// The read shows the key in another way.
    private History showing(UnaryOperator<KeyValue.Builder> change) {
        var kv = scene.event(3).getKv().toBuilder();
        var response = RangeResponse.newBuilder()
                .setHeader(Improvised.header(3))
                .setCount(1)
                .addKvs(change.apply(kv));
        var history = scene.history();
        return Spoiled.answer(history, history.operations().getLast(), response.build());
    }

    private History header(int operation, UnaryOperator<ResponseHeader.Builder> change) {
        var history = scene.history();
        var header = change.apply(Improvised.header(2 + operation).toBuilder());
        return Spoiled.answer(
                history,
                history.operations().get(operation),
                PutResponse.newBuilder().setHeader(header).build());
    }

    @Test
    void aRightHistoryIsRight() {
        assertThatCode(() -> RevisionAlgebra.check(scene.history())).doesNotThrowAnyException();
    }

    @Test
    void twoWritesOfOneRevisionAreNoticed() {
        breaks(header(1, header -> header.setRevision(2)));
    }

    @Test
    void aWriteOfTheFirstRevisionIsNoticed() {
        breaks(header(0, header -> header.setRevision(1)));
    }

    @Test
    void aHeaderWithoutARevisionIsNoticed() {
        breaks(header(0, ResponseHeader.Builder::clearRevision));
    }

    @Test
    void anotherClustersIdIsNoticed() {
        breaks(header(1, header -> header.setClusterId(78)));
    }

    @Test
    void twoIdsOfOneMemberAreNoticed() {
        var once = header(0, header -> header.setMemberId(5));
        var twice = Spoiled.answer(
                once,
                once.operations().get(1),
                PutResponse.newBuilder()
                        .setHeader(Improvised.header(3).toBuilder().setMemberId(6))
                        .build());
        breaks(twice);
    }

    @Test
    void versionsThatCannotBeAreNoticed() {
        breaks(showing(kv -> kv.setVersion(0)));
        breaks(showing(kv -> kv.setVersion(1)));
        breaks(showing(kv -> kv.setVersion(3)));
        breaks(showing(kv -> kv.setCreateRevision(3)));
        breaks(showing(kv -> kv.setCreateRevision(1)));
        breaks(showing(kv -> kv.setCreateRevision(4)));
    }

    @Test
    void aKeyNewerThanTheHeaderIsNoticed() {
        breaks(showing(kv -> kv.setModRevision(4)));
    }

    @Test
    void twoValuesOfOneRevisionAreNoticed() {
        scene.does(get("a"));
        breaks(showing(kv -> kv.setValue(Scene.bytes("9"))));
    }

    @Test
    void aMemberThatShowsLessThanBeforeIsNoticedWhileItLives() {
        var read = get("a").toBuilder().setSerializable(true).build();
        var old = new Scene().does(put("a", "1").build()).state();
        scene.does(read).claimsAsOf(old, read);
        // Perhaps it has started again in between.
        assertThatCode(() -> Checks.checkOnce(scene.history(), Improvised.SLACK))
                .doesNotThrowAnyException();
        scene.watch(all(4), scene.created(), progress(3));
        breaks(alive(scene.history()));
    }

    @Test
    void aTermThatGoesBackIsNoticedWhileTheMemberLives() {
        scene.watch(all(4), scene.created(), progress(3));
        breaks(alive(header(0, header -> header.setRaftTerm(3))));
    }

    @Test
    void aTermThatGoesBackOnAStreamIsNoticed() {
        var early = progress(3).setHeader(Improvised.header(3).toBuilder().setRaftTerm(1));
        scene.watch(all(4), scene.created(), early);
        breaks(scene.history());
    }

    /// The stream lasts from the beginning to the end.
    private static History alive(History history) {
        return Spoiled.told(
                history,
                0,
                0,
                told -> List.of(new Watch.Told(-1, told.getFirst().response()), told.getLast()));
    }
}
