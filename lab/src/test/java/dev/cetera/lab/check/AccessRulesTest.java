package dev.cetera.lab.check;

import static dev.cetera.lab.check.Scene.bytes;
import static dev.cetera.lab.check.Scene.delete;
import static dev.cetera.lab.check.Scene.get;
import static dev.cetera.lab.check.Scene.put;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// User u has role r, which may read and write from b up to d, when access control is turned on.
class AccessRulesTest {
    private static final long STEP = 10;

    private static final Outcome DONE = new Outcome.Answered(RangeResponse.getDefaultInstance());
    private static final Outcome OPEN = new Outcome.Unknown("no answer");
    private static final Outcome DENIED =
            new Outcome.Refused(Refusal.PERMISSION_DENIED.code(), Refusal.PERMISSION_DENIED.text());

    private final List<Operation> operations = new ArrayList<>();
    private long now;

    AccessRulesTest() {
        root(grant(Permission.Type.READWRITE, "b", "d"));
        root(AuthUserGrantRoleRequest.newBuilder().setUser("u").setRole("r").build());
        root(AuthEnableRequest.getDefaultInstance());
    }

    private static Message grant(Permission.Type type, String key, String end) {
        return AuthRoleGrantPermissionRequest.newBuilder()
                .setName("r")
                .setPerm(Permission.newBuilder()
                        .setPermType(type)
                        .setKey(bytes(key))
                        .setRangeEnd(bytes(end)))
                .build();
    }

    private static Message revokePermission() {
        return AuthRoleRevokePermissionRequest.newBuilder()
                .setRole("r")
                .setKey(bytes("b"))
                .setRangeEnd(bytes("d"))
                .build();
    }

    private void root(Message request) {
        does(Operation.ROOT, request, DONE);
    }

    private void does(String user, Message request, Outcome outcome) {
        long ended = outcome instanceof Outcome.Unknown ? Operation.NEVER : now + STEP;
        operations.add(new Operation(operations.size(), 1, user, "m1", request, now, ended, outcome));
        now += 2 * STEP;
    }

    /// As `does`, while the operation before it is still under way.
    private void meanwhile(String user, Message request) {
        var before = operations.getLast();
        operations.add(new Operation(
                operations.size(), 2, user, "m1", request, before.called() + 1, before.ended() + 1, DONE));
    }

    private History history() {
        return new History(operations, List.of(), true, 1);
    }

    private void isRight() {
        assertThatCode(() -> AccessRules.check(history())).doesNotThrowAnyException();
    }

    private void breaks() {
        assertThatExceptionOfType(Violation.class).isThrownBy(() -> AccessRules.check(history()));
    }

    @Test
    void whoHasTheRightsReadsAndWrites() {
        does("u", get("b"), DONE);
        does("u", put("c", "1").setPrevKv(true).build(), DONE);
        does("u", delete("c"), DONE);
        isRight();
    }

    @Test
    void aReadWithoutARightIsNoticed() {
        does("u", get("d"), DONE);
        breaks();
    }

    @Test
    void aRangeThatIsOnlyPartlyGrantedIsNoticed() {
        does("u", get("c").toBuilder().setRangeEnd(bytes("e")).build(), DONE);
        breaks();
        root(grant(Permission.Type.READ, "d", "f"));
        operations.remove(3);
        does("u", get("c").toBuilder().setRangeEnd(bytes("e")).build(), DONE);
        isRight();
    }

    @Test
    void aWriteWithARightToReadIsNoticed() {
        root(grant(Permission.Type.READ, "x", ""));
        does("u", put("x", "1").build(), DONE);
        breaks();
    }

    @Test
    void theEarlierValueOfAPutIsRead() {
        root(grant(Permission.Type.WRITE, "x", ""));
        does("u", put("x", "1").build(), DONE);
        isRight();
        does("u", put("x", "1").setPrevKv(true).build(), DONE);
        breaks();
    }

    @Test
    void anotherUserIsNoticed() {
        does("v", get("b"), DONE);
        breaks();
    }

    @Test
    void nobodyIsNoticed() {
        does("", get("b"), DONE);
        breaks();
    }

    @Test
    void whoIsRefusedIsNotTold() {
        does("u", get("x"), DENIED);
        does("u", get("x"), OPEN);
        isRight();
    }

    @Test
    void aTransactionNeedsAllThatEitherBranchDoesAtAnyDepth() {
        var hidden = TxnRequest.newBuilder()
                .addFailure(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder()
                                .addSuccess(RequestOp.newBuilder().setRequestRange(get("x")))))
                .build();
        does("u", hidden, DONE);
        breaks();
    }

    @Test
    void aTransactionNeedsAllThatItCompares() {
        does(
                "u",
                TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder().setKey(bytes("x")))
                        .build(),
                DONE);
        breaks();
    }

    // ---- time ----

    @Test
    void anybodyMayDoAnythingWhileAccessControlIsOff() {
        root(AuthDisableRequest.getDefaultInstance());
        does("u", get("x"), DONE);
        does("", get("x"), DONE);
        isRight();
    }

    @Test
    void whileAccessControlIsTurnedOffItMayBeEither() {
        root(AuthDisableRequest.getDefaultInstance());
        meanwhile("u", get("x"));
        isRight();
    }

    @Test
    void aTurningOffThatIsOpenMayBeDone() {
        does(Operation.ROOT, AuthDisableRequest.getDefaultInstance(), OPEN);
        does("u", get("x"), DONE);
        isRight();
    }

    @Test
    void aRightThatWasTakenBackIsNone() {
        root(revokePermission());
        does("u", get("b"), DONE);
        breaks();
    }

    @Test
    void aRightThatIsTakenBackMeanwhileMayBeThere() {
        root(revokePermission());
        meanwhile("u", get("b"));
        isRight();
    }

    @Test
    void aRevocationThatIsOpenProvesNothing() {
        does(Operation.ROOT, revokePermission(), OPEN);
        does("u", get("b"), DONE);
        does("u", get("b"), DENIED);
        isRight();
    }

    @Test
    void aGrantThatIsOpenMayBeDoneAtAnyTime() {
        root(revokePermission());
        does(Operation.ROOT, grant(Permission.Type.READ, "b", "d"), OPEN);
        root(revokePermission());
        does("u", get("b"), DONE);
        does("u", get("b"), DENIED);
        isRight();
    }

    @Test
    void aRoleThatWasTakenBackIsNone() {
        root(AuthUserRevokeRoleRequest.newBuilder().setName("u").setRole("r").build());
        does("u", get("b"), DONE);
        breaks();
    }

    @Test
    void aDeletedUserHasNoRights() {
        root(AuthUserDeleteRequest.newBuilder().setName("u").build());
        does("u", get("b"), DONE);
        breaks();
    }

    @Test
    void aDeletedRoleGivesNoRights() {
        root(AuthRoleDeleteRequest.newBuilder().setRole("r").build());
        does("u", get("b"), DONE);
        breaks();
    }

    @Test
    void aSerializableReadIsOfAnEarlierTime() {
        var read = get("b").toBuilder().setSerializable(true).build();
        does("u", read, DENIED);
        root(revokePermission());
        does("u", read, DONE);
        isRight();
    }

    // ---- those who are turned away ----

    @Test
    void whoHasTheRightsIsNotDenied() {
        does("u", get("b"), DENIED);
        breaks();
    }

    @Test
    void anotherRightToTheSameRangeMayTakeThePlaceOfTheFirst() {
        root(grant(Permission.Type.WRITE, "b", "d"));
        does("u", get("b"), DENIED);
        isRight();
    }

    @Test
    void aLeaseMayHaveOtherKeysAsWell() {
        does("u", put("b", "1").setLease(7).build(), DENIED);
        isRight();
    }

    @Test
    void allKeysTakesAllGrants() {
        root(grant(Permission.Type.READ, "\0", "\0"));
        var open = ByteString.copyFrom(new byte[1]);
        does("u", get("\0").toBuilder().setRangeEnd(open).build(), DENIED);
        breaks();
    }
}
