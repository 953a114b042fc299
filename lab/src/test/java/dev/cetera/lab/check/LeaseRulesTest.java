package dev.cetera.lab.check;

import static dev.cetera.lab.check.Improvised.SECOND;
import static dev.cetera.lab.check.Scene.all;
import static dev.cetera.lab.check.Scene.get;
import static dev.cetera.lab.check.Scene.grant;
import static dev.cetera.lab.check.Scene.put;
import static dev.cetera.lab.check.Scene.revoke;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseStatus;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.lab.history.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseRulesTest {
    private static final Slack STRICT = new Slack(0, SECOND, List.of());

    /// Lease 7 of ten seconds with key a.
    private final Scene scene =
            new Scene().does(grant(7, 10)).does(put("a", "1").setLease(7).build());

    private void isRight(Slack slack) {
        assertThatCode(() -> Checks.checkOnce(scene.history(), slack)).doesNotThrowAnyException();
    }

    private void breaks(Slack slack) {
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(scene.history(), slack))
                .satisfies(violation -> assertThat(violation.guarantee())
                        .as(violation.getMessage())
                        .isEqualTo("LeaseRules"));
    }

    @Test
    void aLeaseEndsWhenItsTimeIsOver() {
        scene.pause(10 * SECOND).endsLease(7).does(get("a"));
        isRight(STRICT);
    }

    @Test
    void aLeaseThatEndsTooEarlyIsNoticed() {
        scene.pause(8 * SECOND).endsLease(7).does(get("a"));
        breaks(STRICT);
    }

    @Test
    void aRevisionThatNobodySawIsTheEndOfALeaseThatMayEnd() {
        scene.does(grant(9, 2)).does(put("b", "1").setLease(9).build());
        scene.pause(3 * SECOND)
                .endsLease(9)
                .does(put("a", "2").build())
                .does(put("b", "2").build());
        isRight(STRICT);
    }

    @Test
    void aRevisionThatCanOnlyBeTheEndOfALeaseThatMayNotEndIsNoticed() {
        scene.does(grant(9, 10)).does(put("b", "1").setLease(9).build());
        scene.pause(3 * SECOND)
                .endsLease(9)
                .does(put("a", "2").build())
                .does(put("b", "2").build());
        breaks(STRICT);
    }

    @Test
    void aSlowClockMayEndItABitEarly() {
        scene.pause(9 * SECOND).endsLease(7).does(get("a"));
        isRight(new Slack(0.2, SECOND, List.of()));
        breaks(new Slack(0.01, SECOND, List.of()));
    }

    @Test
    void aLeaseThatEndsTooEarlyAfterARenewalIsNoticed() {
        scene.pause(6 * SECOND).renews(7, 10).pause(6 * SECOND).endsLease(7).does(get("a"));
        breaks(STRICT);
    }

    @Test
    void aLeaseWithoutKeysThatEndsTooEarlyIsNoticed() {
        scene.does(grant(8, 10)).pause(SECOND).renews(8, 0);
        breaks(STRICT);
    }

    @Test
    void whoRevokesALeaseMayEndItEarly() {
        scene.pause(SECOND).does(revoke(7)).does(get("a")).renews(7, 0);
        isRight(STRICT);
    }

    @Test
    void aRevocationOfUnknownOutcomeMayHaveEndedIt() {
        scene.pause(SECOND).doesUnseen(revoke(7)).does(get("a"));
        isRight(STRICT);
    }

    @Test
    void aLeaseThatLivesOnIsNoticed() {
        scene.pause(12 * SECOND).does(get("a"));
        breaks(STRICT);
    }

    @Test
    void aLeaseThatLivesOnIsNoticedInTheEnd() {
        scene.watch(all(2), scene.created(), scene.events(2));
        scene.pause(12 * SECOND).does(get("b")).settled();
        breaks(STRICT);
    }

    @Test
    void aRenewalProlongsIt() {
        scene.pause(6 * SECOND).renews(7, 10).pause(9 * SECOND).does(get("a"));
        isRight(STRICT);
    }

    @Test
    void aRenewalOfUnknownOutcomeMayHaveProlongedIt() {
        scene.pause(6 * SECOND)
                .loses(LeaseKeepAliveRequest.newBuilder().setID(7).build())
                .pause(9 * SECOND)
                .does(get("a"));
        isRight(STRICT);
    }

    @Test
    void aNewLeaderProlongsIt() {
        scene.pause(12 * SECOND).does(get("a"));
        isRight(new Slack(0, SECOND, List.of(new Slack.Upheaval(5 * SECOND, 6 * SECOND))));
        isRight(Slack.calmSince(5 * SECOND, 0, SECOND));
        breaks(Slack.calmSince(-SECOND, 0, SECOND));
    }

    @Test
    void aLeaderThatComesAfterTheEndProlongsNothing() {
        scene.pause(15 * SECOND).does(get("a"));
        breaks(new Slack(0, SECOND, List.of(new Slack.Upheaval(13 * SECOND, 13 * SECOND))));
    }

    @Test
    void aRenewalAfterTheEndIsNoticed() {
        scene.pause(10 * SECOND).endsLease(7).does(get("a")).renews(7, 10);
        breaks(STRICT);
    }

    @Test
    void aRenewalAfterARevocationIsNoticed() {
        scene.does(revoke(7)).renews(7, 10);
        breaks(STRICT);
    }

    @Test
    void aLeaseMayBeGrantedAnew() {
        scene.does(revoke(7)).does(grant(7, 5)).renews(7, 5);
        isRight(STRICT);
    }

    @Test
    void aRevocationForALifeThatWasOverMayEndTheNext() {
        scene.pause(10 * SECOND)
                .does(revoke(7))
                .does(grant(7, 5))
                .does(put("a", "2").setLease(7).build());
        scene.endsLease(7).does(get("a"));
        isRight(STRICT);
    }

    @Test
    void aRevocationForALifeThatWasOverComesSoonOrNotAtAll() {
        scene.pause(10 * SECOND)
                .does(revoke(7))
                .does(grant(7, 5))
                .does(put("a", "2").setLease(7).build());
        scene.pause(2 * SECOND).does(get("a")).endsLease(7).does(get("a"));
        breaks(STRICT);
    }

    @Test
    void aLifeThatWasNotOverIsNoReasonToEndTheNext() {
        scene.pause(8 * SECOND)
                .does(revoke(7))
                .does(grant(7, 5))
                .does(put("a", "2").setLease(7).build());
        scene.endsLease(7).does(get("a"));
        breaks(STRICT);
    }

    @Test
    void aRenewalThatWasCalledBeforeTheEndMayBeToldAfterIt() {
        scene.renews(7, 10).does(revoke(7));
        var history = scene.history();
        var renewal = history.operations().get(2);
        var late = Spoiled.at(renewal, renewal.called(), scene.now());
        assertThatCode(() -> Checks.checkOnce(Spoiled.operation(history, late), STRICT))
                .doesNotThrowAnyException();
    }

    @Test
    void aTimeThatWasNotGrantedIsNoticed() {
        scene.renews(7, 11);
        breaks(STRICT);
    }

    @Test
    void anAnswerForAnotherLeaseIsNoticed() {
        scene.claims(
                LeaseKeepAliveRequest.newBuilder().setID(7).build(),
                LeaseKeepAliveResponse.newBuilder()
                        .setHeader(Improvised.header(2))
                        .setID(8)
                        .setTTL(10)
                        .build());
        breaks(STRICT);
    }

    private Scene asks(LeaseTimeToLiveResponse.Builder response) {
        return scene.claims(
                LeaseTimeToLiveRequest.newBuilder().setID(7).setKeys(true).build(),
                response.setHeader(Improvised.header(2)).setID(7).build());
    }

    @Test
    void theKeysOfALeaseAreThoseThatWereAttached() {
        asks(LeaseTimeToLiveResponse.newBuilder().setTTL(9).setGrantedTTL(10).addKeys(Scene.bytes("a")));
        isRight(STRICT);
        asks(LeaseTimeToLiveResponse.newBuilder().setTTL(9).setGrantedTTL(10).addKeys(Scene.bytes("b")));
        breaks(STRICT);
    }

    @Test
    void theLeaderThatNamesTheKeysMayBeAheadOfTheMemberThatIsAsked() {
        scene.does(put("b", "1").setLease(7).build()).does(put("a", "2").build());
        asks(LeaseTimeToLiveResponse.newBuilder().setTTL(9).setGrantedTTL(10).addKeys(Scene.bytes("b")));
        isRight(STRICT);
    }

    @Test
    void keysThatAreAttachedOnlyLaterAreNoticed() {
        asks(LeaseTimeToLiveResponse.newBuilder()
                        .setTTL(9)
                        .setGrantedTTL(10)
                        .addKeys(Scene.bytes("a"))
                        .addKeys(Scene.bytes("b")))
                .does(put("b", "1").setLease(7).build());
        breaks(STRICT);
    }

    @Test
    void moreTimeThanWasGrantedIsNoticed() {
        asks(LeaseTimeToLiveResponse.newBuilder().setTTL(19).setGrantedTTL(10).addKeys(Scene.bytes("a")));
        breaks(STRICT);
    }

    @Test
    void aLeaseThatIsGoneHasNoKeys() {
        asks(LeaseTimeToLiveResponse.newBuilder().setTTL(-1).addKeys(Scene.bytes("a")));
        breaks(STRICT);
    }

    @Test
    void aLeaseThatNobodyAskedForIsNoticed() {
        scene.claims(
                LeaseLeasesRequest.getDefaultInstance(),
                LeaseLeasesResponse.newBuilder()
                        .setHeader(Improvised.header(2))
                        .addLeases(LeaseStatus.newBuilder().setID(9))
                        .build());
        breaks(STRICT);
    }

    @Test
    void timesAreNeverAfterTheEndOfTime() {
        assertThat(scene.history().operations()).allMatch(operation -> operation.ended() < Operation.NEVER);
        scene.pause(12 * SECOND).does(get("a"));
        isRight(new Slack(0, SECOND, List.of(new Slack.Upheaval(0, Long.MAX_VALUE))));
    }
}
