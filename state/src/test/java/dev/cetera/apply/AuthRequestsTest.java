package dev.cetera.apply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.authpb.User;
import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetResponse;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleListRequest;
import dev.cetera.api.etcdserverpb.AuthRoleListResponse;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetResponse;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.AuthUserListResponse;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.InternalAuthenticateRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.auth.Identity;
import dev.cetera.disk.FakeDisk;
import dev.cetera.schema.Bucket;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Users, roles and permissions as entries of the log.
class AuthRequestsTest {
    private Machine machine;

    @BeforeEach
    void open() throws IOException {
        machine = new Machine();
    }

    // ---- requests ----

    private static InternalRaftRequest.Builder request() {
        return InternalRaftRequest.newBuilder();
    }

    private static InternalRaftRequest.Builder addUser(String name, String password) {
        return request()
                .setAuthUserAdd(AuthUserAddRequest.newBuilder().setName(name).setPassword(password));
    }

    private static InternalRaftRequest.Builder deleteUser(String name) {
        return request().setAuthUserDelete(AuthUserDeleteRequest.newBuilder().setName(name));
    }

    private static InternalRaftRequest.Builder addRole(String name) {
        return request().setAuthRoleAdd(AuthRoleAddRequest.newBuilder().setName(name));
    }

    private static InternalRaftRequest.Builder deleteRole(String name) {
        return request().setAuthRoleDelete(AuthRoleDeleteRequest.newBuilder().setRole(name));
    }

    private static InternalRaftRequest.Builder give(String user, String role) {
        return request()
                .setAuthUserGrantRole(
                        AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role));
    }

    private static InternalRaftRequest.Builder take(String user, String role) {
        return request()
                .setAuthUserRevokeRole(
                        AuthUserRevokeRoleRequest.newBuilder().setName(user).setRole(role));
    }

    private static InternalRaftRequest.Builder allow(String role, Permission.Type type, String key, String end) {
        return request()
                .setAuthRoleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(Permission.newBuilder()
                                .setPermType(type)
                                .setKey(ByteString.copyFromUtf8(key))
                                .setRangeEnd(ByteString.copyFromUtf8(end))));
    }

    private static InternalRaftRequest.Builder forbid(String role, String key, String end) {
        return request()
                .setAuthRoleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole(role)
                        .setKey(ByteString.copyFromUtf8(key))
                        .setRangeEnd(ByteString.copyFromUtf8(end)));
    }

    private static InternalRaftRequest.Builder enable() {
        return request().setAuthEnable(AuthEnableRequest.getDefaultInstance());
    }

    private static InternalRaftRequest.Builder disable() {
        return request().setAuthDisable(AuthDisableRequest.getDefaultInstance());
    }

    private void done(InternalRaftRequest.Builder... requests) throws IOException {
        for (var request : requests) {
            assertThat(machine.outcome(request)).isInstanceOf(Outcome.Done.class);
        }
    }

    private long revision() {
        return machine.state.accounts().now().revision();
    }

    /// Access control is on, and requests are root's from here on.
    private void enabled() throws IOException {
        done(addUser("root", "rootpw"), give("root", "root"), enable());
        root();
    }

    private void root() {
        machine.as(new Identity("root", revision()));
    }

    private Map<String, String> rows(Bucket bucket) throws IOException {
        var rows = new LinkedHashMap<String, String>();
        machine.state
                .backend()
                .forEach(
                        bucket,
                        (key, value) ->
                                rows.put(new String(key, UTF_8), HexFormat.of().formatHex(value)));
        return rows;
    }

    // ---- what is stored ----

    @Test
    void aNewDatabaseIsAtTheFirstRevision() throws IOException {
        assertThat(revision()).isEqualTo(1);
        assertThat(rows(Bucket.AUTH)).containsExactly(Map.entry("authRevision", "0000000000000001"));
    }

    /// The requests of the golden database, and what it has of them.
    @Test
    void theRowsAreThoseOfEtcdByteForByte() throws IOException {
        done(
                addUser("root", "rootpw"),
                addUser("alice", "alicepw"),
                addRole("root"),
                addRole("readers"),
                allow("readers", Permission.Type.READ, "dir/", "dir0"),
                allow("readers", Permission.Type.WRITE, "exact", ""),
                allow("readers", Permission.Type.READWRITE, "\0", "\0"),
                give("root", "root"),
                give("alice", "readers"),
                enable());
        assertThat(rows(Bucket.AUTH))
                .containsExactly(Map.entry("authEnabled", "01"), Map.entry("authRevision", "000000000000000a"));
        assertThat(rows(Bucket.AUTH_ROLES))
                .containsExactly(
                        Map.entry(
                                "readers",
                                "0a0772656164657273120808021201001a0100120c12046469722f1a04646972301209080112056578616374"),
                        Map.entry("root", "0a04726f6f74"));
        assertThat(withoutPassword("alice")).isEqualTo("0a05616c696365123c" + "1a0772656164657273");
        assertThat(withoutPassword("root")).isEqualTo("0a04726f6f74123c" + "1a04726f6f74");
    }

    private String withoutPassword(String user) throws IOException {
        var row = Objects.requireNonNull(rows(Bucket.AUTH_USERS).get(user));
        int at = row.indexOf("123c") + 4;
        assertThat(new String(HexFormat.of().parseHex(row.substring(at, at + 14)), UTF_8))
                .isEqualTo("$2a$10$");
        return row.substring(0, at) + row.substring(at + 120);
    }

    @Test
    void whatIsStoredIsThereAfterARestart() throws IOException {
        var disk = new FakeDisk(1);
        machine = new Machine(disk, Long.MAX_VALUE);
        done(addRole("r"), allow("r", Permission.Type.READ, "a", "b"), addUser("u", "pw"), give("u", "r"));
        enabled();
        machine.state.backend().commit();
        machine.state.backend().close();
        long before = revision();
        machine = new Machine(disk, Long.MAX_VALUE);
        assertThat(revision()).isEqualTo(before);
        var rights = machine.state.accounts().now();
        assertThat(rights.enabled()).isTrue();
        assertThat(rights.mayRead(new Identity("u", before), bytes("a"), bytes("")))
                .isNull();
        assertThat(rights.mayRead(new Identity("u", before), bytes("b"), bytes("")))
                .isEqualTo(Refusal.PERMISSION_DENIED);
    }

    private static byte[] bytes(String text) {
        return ByteString.copyFromUtf8(text).toByteArray();
    }

    /// A hash that its proposer has made is stored as it is, by all members alike.
    @Test
    void aPasswordThatComesHashedIsStoredAsItComes() throws IOException {
        var hashed = Base64.getEncoder().encodeToString("$2a$10$hash".getBytes(UTF_8));
        done(request()
                .setAuthUserAdd(AuthUserAddRequest.newBuilder().setName("u").setHashedPassword(hashed)));
        var user =
                User.parseFrom(HexFormat.of().parseHex(rows(Bucket.AUTH_USERS).get("u")));
        assertThat(user.getPassword().toStringUtf8()).isEqualTo("$2a$10$hash");
    }

    /// Later releases keep options with a user; a member of 3.3 drops them when it writes the user anew.
    @Test
    void aUserIsWrittenWithWhatEtcd33KnowsOfIt() throws IOException {
        done(
                addUser("u", "pw"),
                addRole("\uff21"),
                addRole("\ud83d\ude00"),
                give("u", "\ud83d\ude00"),
                give("u", "\uff21"));
        var user =
                User.parseFrom(HexFormat.of().parseHex(rows(Bucket.AUTH_USERS).get("u")));
        assertThat(user.getRolesList()).containsExactly("\uff21", "\ud83d\ude00"); // by their bytes
    }

    // ---- revisions ----

    @Test
    void everyChangeRaisesTheRevisionByOneAndEnablingDoesNot() throws IOException {
        done(addUser("root", "x"));
        assertThat(revision()).isEqualTo(2);
        done(give("root", "root"), give("root", "root")); // the second changes nothing
        assertThat(revision()).isEqualTo(3);
        done(enable());
        assertThat(revision()).isEqualTo(3);
        root();
        done(enable());
        assertThat(revision()).isEqualTo(3);
        done(disable());
        assertThat(revision()).isEqualTo(4);
        machine.as(Identity.NOBODY);
        done(disable());
        assertThat(revision()).isEqualTo(4);
        assertThat(machine.refused(addUser("root", "x"))).isEqualTo(Refusal.USER_EXISTS);
        assertThat(revision()).isEqualTo(4);
        done(request()
                .setAuthUserChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("root")
                        .setPassword("y")));
        assertThat(revision()).isEqualTo(5);
        done(addRole("r"), allow("r", Permission.Type.READ, "a", ""), forbid("r", "a", ""), give("root", "r"));
        assertThat(revision()).isEqualTo(9);
        done(deleteRole("r"), take("root", "root"), deleteUser("root"));
        assertThat(revision()).isEqualTo(12);
    }

    // ---- refusals ----

    @Test
    void enablingNeedsARootWithTheRootRole() throws IOException {
        assertThat(machine.refused(enable())).isEqualTo(Refusal.ROOT_USER_MISSING);
        done(addUser("root", "x"));
        assertThat(machine.refused(enable())).isEqualTo(Refusal.ROOT_ROLE_MISSING);
        done(give("root", "root"), enable());
    }

    @Test
    void whatIsNotThereOrThereAlreadyIsRefused() throws IOException {
        done(addUser("u", "x"), addRole("r"));
        assertThat(machine.refused(addUser("", "x"))).isEqualTo(Refusal.USER_EMPTY);
        assertThat(machine.refused(addRole(""))).isEqualTo(Refusal.ROLE_EMPTY);
        assertThat(machine.refused(addRole("r"))).isEqualTo(Refusal.ROLE_EXISTS);
        assertThat(machine.refused(deleteUser("v"))).isEqualTo(Refusal.USER_NOT_FOUND);
        assertThat(machine.refused(deleteRole("s"))).isEqualTo(Refusal.ROLE_NOT_FOUND);
        assertThat(machine.refused(give("v", "r"))).isEqualTo(Refusal.USER_NOT_FOUND);
        assertThat(machine.refused(give("u", "s"))).isEqualTo(Refusal.ROLE_NOT_FOUND);
        assertThat(machine.refused(take("u", "r"))).isEqualTo(Refusal.ROLE_NOT_GRANTED);
        assertThat(machine.refused(forbid("r", "a", ""))).isEqualTo(Refusal.PERMISSION_NOT_GRANTED);
        assertThat(machine.refused(forbid("s", "a", ""))).isEqualTo(Refusal.ROLE_NOT_FOUND);
        assertThat(machine.refused(allow("s", Permission.Type.READ, "a", ""))).isEqualTo(Refusal.ROLE_NOT_FOUND);
        assertThat(machine.refused(request()
                        .setAuthRoleGrantPermission(
                                AuthRoleGrantPermissionRequest.newBuilder().setName("r"))))
                .isEqualTo(Refusal.PERMISSION_NOT_GIVEN);
        assertThat(machine.refused(
                        request().setAuthUserGet(AuthUserGetRequest.newBuilder().setName("v"))))
                .isEqualTo(Refusal.USER_NOT_FOUND);
        assertThat(machine.refused(
                        request().setAuthRoleGet(AuthRoleGetRequest.newBuilder().setRole("s"))))
                .isEqualTo(Refusal.ROLE_NOT_FOUND);
    }

    @Test
    void rootStaysRootWhileAccessControlIsOn() throws IOException {
        enabled();
        done(addRole("root"));
        root();
        assertThat(machine.refused(deleteUser("root"))).isEqualTo(Refusal.INVALID_AUTH_MANAGEMENT);
        assertThat(machine.refused(deleteRole("root"))).isEqualTo(Refusal.INVALID_AUTH_MANAGEMENT);
        assertThat(machine.refused(take("root", "root"))).isEqualTo(Refusal.INVALID_AUTH_MANAGEMENT);
    }

    @Test
    void aRoleThatIsDeletedIsTakenFromAllWhoHaveIt() throws IOException {
        done(addUser("u", "x"), addRole("r"), addRole("s"), give("u", "s"), give("u", "r"), deleteRole("r"));
        assertThat(machine.done(
                                request()
                                        .setAuthUserGet(
                                                AuthUserGetRequest.newBuilder().setName("u")),
                                AuthUserGetResponse.class)
                        .getRolesList())
                .containsExactly("s");
    }

    @Test
    void listsAreInTheOrderOfBytes() throws IOException {
        for (var name : new String[] {"b", "\ud83d\ude00", "a", "\uff21", "B"}) {
            done(addUser(name, "x"), addRole(name));
        }
        var users = machine.done(
                request().setAuthUserList(AuthUserListRequest.getDefaultInstance()), AuthUserListResponse.class);
        var roles = machine.done(
                request().setAuthRoleList(AuthRoleListRequest.getDefaultInstance()), AuthRoleListResponse.class);
        assertThat(users.getUsersList()).containsExactly("B", "a", "b", "\uff21", "\ud83d\ude00");
        assertThat(roles.getRolesList()).isEqualTo(users.getUsersList());
    }

    @Test
    void aGrantReplacesTheFirstOfItsKeyOnly() throws IOException {
        done(
                addRole("r"),
                allow("r", Permission.Type.READ, "a", "b"),
                allow("r", Permission.Type.WRITE, "a", "b"),
                allow("r", Permission.Type.READ, "a", ""),
                allow("r", Permission.Type.READWRITE, "a", ""));
        var granted = machine.done(
                request().setAuthRoleGet(AuthRoleGetRequest.newBuilder().setRole("r")), AuthRoleGetResponse.class);
        assertThat(granted.getPermList().stream()
                        .map(each -> each.getPermType() + " " + each.getKey().toStringUtf8() + ".."
                                + each.getRangeEnd().toStringUtf8()))
                .containsExactly("WRITE a..b", "READ a..", "READWRITE a..");
    }

    // ---- tokens ----

    @Test
    void aTokenIsWhatItsProposerDrewAndTheIndexOfTheEntry() throws IOException {
        assertThat(machine.refused(authenticate("root"))).isEqualTo(Refusal.AUTH_NOT_ENABLED);
        enabled();
        assertThat(machine.refused(authenticate("nobody"))).isEqualTo(Refusal.AUTH_FAILED);
        var token =
                machine.done(authenticate("root"), AuthenticateResponse.class).getToken();
        assertThat(token).isEqualTo("letters." + machine.state.backend().consistentIndex());
    }

    private static InternalRaftRequest.Builder authenticate(String name) {
        return request()
                .setAuthenticate(
                        InternalAuthenticateRequest.newBuilder().setName(name).setSimpleToken("letters"));
    }

    // ---- who may, as the log judges it ----

    @Test
    void entriesAreJudgedByTheRightsTheyWereProposedUnder() throws IOException {
        done(addUser("u", "x"), addRole("r"), allow("r", Permission.Type.READWRITE, "k", "l"), give("u", "r"));
        enabled();
        machine.as(Identity.NOBODY);
        assertThat(machine.refused(Machine.ask(Machine.put("k", "v")))).isEqualTo(Refusal.USER_EMPTY);
        machine.as(new Identity("u", revision()));
        done(Machine.ask(Machine.put("k", "v")));
        assertThat(machine.refused(Machine.ask(Machine.put("x", "v")))).isEqualTo(Refusal.PERMISSION_DENIED);
        assertThat(machine.refused(Machine.ask(Machine.delete("k", "m")))).isEqualTo(Refusal.PERMISSION_DENIED);
        assertThat(machine.refused(addRole("s"))).isEqualTo(Refusal.PERMISSION_DENIED);
        long old = revision();
        root();
        done(addRole("t"));
        machine.as(new Identity("u", old));
        assertThat(machine.refused(Machine.ask(Machine.put("k", "v")))).isEqualTo(Refusal.OLD_AUTH_REVISION);
        machine.as(new Identity("ghost", revision()));
        assertThat(machine.refused(Machine.ask(Machine.put("k", "v")))).isEqualTo(Refusal.PERMISSION_DENIED);
    }

    /// Members of etcd 3.3 apply such a transaction whoever proposed it, so this one must too; its own
    /// clients' are refused before they get here.
    @Test
    void transactionsInTransactionsAreAppliedAsEtcd33AppliesThem() throws IOException {
        done(addUser("u", "x"));
        enabled();
        machine.as(new Identity("u", revision()));
        var inner = TxnRequest.newBuilder().addSuccess(Machine.op(Machine.put("x", "v")));
        var nested = TxnRequest.newBuilder()
                .addSuccess(dev.cetera.api.etcdserverpb.RequestOp.newBuilder().setRequestTxn(inner));
        done(Machine.ask(nested));
        assertThat(machine.refused(Machine.ask(inner))).isEqualTo(Refusal.PERMISSION_DENIED);
    }
}
