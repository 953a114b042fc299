package dev.cetera.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.authpb.Role;
import dev.cetera.api.authpb.User;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The users, the roles and whether anybody asks for them: replicated, and kept in three buckets.
///
/// Confined to the applier, except [#now], which reads one volatile field. Every change takes its turn in log
/// order, raises the revision by one (only [#enable] leaves it), and is stored in the bytes that etcd 3.3
/// would store, but for the salt of a password. A change that is refused changes nothing.
public final class Accounts {
    /// Where rows are kept.
    public enum Table {
        /// `authEnabled` and `authRevision`.
        SETTINGS,
        /// User name to authpb.User.
        USERS,
        /// Role name to authpb.Role.
        ROLES
    }

    /// Keeps rows.
    @FunctionalInterface
    public interface Rows {
        /// Sets or deletes a row.
        ///
        /// @param value null deletes the row
        void store(Table table, byte[] key, byte @Nullable [] value);
    }

    /// All rows, as they were kept.
    ///
    /// @param settings by name
    /// @param users    encoded authpb.User
    /// @param roles    encoded authpb.Role
    public record Stored(Map<String, byte[]> settings, List<byte[]> users, List<byte[]> roles) {}

    private static final String ENABLED = "authEnabled";
    private static final String REVISION = "authRevision";
    private static final byte[] YES = {1};
    private static final byte[] NO = {0};

    private final Rows rows;
    private final Sessions sessions;
    private Map<String, User> users = Map.of();
    private Map<String, Role> roles = Map.of();
    private boolean enabled;
    private long revision;
    private volatile Rights now;

    private Accounts(Rows rows, Sessions sessions, Loaded loaded) {
        this.rows = rows;
        this.sessions = sessions;
        this.now = take(loaded);
    }

    /// What was kept, read.
    public record Loaded(boolean enabled, long revision, Map<String, User> users, Map<String, Role> roles) {}

    /// Reads what was kept.
    ///
    /// @throws InvalidProtocolBufferException when a row can't be read
    public static Loaded read(Stored stored) throws InvalidProtocolBufferException {
        var users = new HashMap<String, User>();
        for (var row : stored.users()) {
            var user = User.parseFrom(row);
            users.put(user.getName().toStringUtf8(), user);
        }
        var roles = new HashMap<String, Role>();
        for (var row : stored.roles()) {
            var role = Role.parseFrom(row);
            roles.put(role.getName().toStringUtf8(), role);
        }
        var flag = stored.settings().get(ENABLED);
        var number = stored.settings().get(REVISION);
        return new Loaded(
                flag != null && Arrays.equals(flag, YES),
                number != null && number.length >= Long.BYTES
                        ? ByteBuffer.wrap(number).getLong()
                        : 0,
                users,
                roles);
    }

    /// The accounts that were kept. Those of a new database get their first revision stored.
    public static Accounts restore(Loaded loaded, Rows rows, Sessions sessions) {
        var accounts = new Accounts(rows, sessions, loaded);
        if (accounts.revision == 0) {
            accounts.changed();
        }
        sessions.restart(accounts.enabled);
        return accounts;
    }

    /// Forgets what was, and takes what another member has kept.
    public void replaceBy(Loaded loaded) {
        now = take(loaded);
        sessions.restart(enabled);
    }

    private Rights take(Loaded loaded) {
        users = loaded.users();
        roles = loaded.roles();
        enabled = loaded.enabled();
        revision = loaded.revision();
        return new Rights(enabled, revision, users, roles);
    }

    /// This moment.
    public Rights now() {
        return now;
    }

    // ---- on and off ----

    /// Turns access control on. Needs a user root with the role root, which need not exist.
    public @Nullable Refusal enable() {
        if (enabled) {
            return null;
        }
        var root = users.get(Identity.ROOT);
        if (root == null) {
            return Refusal.ROOT_USER_MISSING;
        }
        if (!Rights.isRoot(root)) {
            return Refusal.ROOT_ROLE_MISSING;
        }
        enabled = true;
        rows.store(Table.SETTINGS, bytes(ENABLED), YES);
        now = new Rights(true, revision, users, roles);
        sessions.enabled();
        return null;
    }

    public void disable() {
        if (enabled) {
            enabled = false;
            rows.store(Table.SETTINGS, bytes(ENABLED), NO);
            changed();
            sessions.disabled();
        }
    }

    // ---- users ----

    /// Whether a user of this name could be made.
    public @Nullable Refusal refusesUser(String name) {
        if (name.isEmpty()) {
            return Refusal.USER_EMPTY;
        }
        return users.containsKey(name) ? Refusal.USER_EXISTS : null;
    }

    /// Makes a user without roles.
    ///
    /// @param hash of the password
    public @Nullable Refusal addUser(String name, ByteString hash) {
        var refusal = refusesUser(name);
        if (refusal != null) {
            return refusal;
        }
        put(User.newBuilder()
                .setName(ByteString.copyFromUtf8(name))
                .setPassword(hash)
                .build());
        changed();
        return null;
    }

    public @Nullable Refusal deleteUser(String name) {
        if (enabled && name.equals(Identity.ROOT)) {
            return Refusal.INVALID_AUTH_MANAGEMENT;
        }
        if (!users.containsKey(name)) {
            return Refusal.USER_NOT_FOUND;
        }
        var rest = new HashMap<>(users);
        rest.remove(name);
        users = rest;
        rows.store(Table.USERS, bytes(name), null);
        changed();
        sessions.ended(name);
        return null;
    }

    /// Gives a user another password, and ends its sessions.
    ///
    /// @param hash of the new password
    public @Nullable Refusal changePassword(String name, ByteString hash) {
        var user = users.get(name);
        if (user == null) {
            return Refusal.USER_NOT_FOUND;
        }
        put(withRoles(user, user.getRolesList()).toBuilder().setPassword(hash).build());
        changed();
        sessions.ended(name);
        return null;
    }

    /// A role that the user has already is no refusal, and no change.
    public @Nullable Refusal grantRole(String name, String role) {
        var user = users.get(name);
        if (user == null) {
            return Refusal.USER_NOT_FOUND;
        }
        if (!role.equals(Identity.ROOT) && !roles.containsKey(role)) {
            return Refusal.ROLE_NOT_FOUND;
        }
        if (user.getRolesList().contains(role)) {
            return null;
        }
        var more = new ArrayList<>(user.getRolesList());
        more.add(role);
        more.sort(Rights::compareNames);
        put(withRoles(user, more));
        changed();
        return null;
    }

    public @Nullable Refusal revokeRole(String name, String role) {
        if (enabled && name.equals(Identity.ROOT) && role.equals(Identity.ROOT)) {
            return Refusal.INVALID_AUTH_MANAGEMENT;
        }
        var user = users.get(name);
        if (user == null) {
            return Refusal.USER_NOT_FOUND;
        }
        if (!user.getRolesList().contains(role)) {
            return Refusal.ROLE_NOT_GRANTED;
        }
        put(without(user, role));
        changed();
        return null;
    }

    /// As etcd 3.3 writes a user: what later releases know of it beyond this is dropped.
    private static User withRoles(User user, List<String> roles) {
        return User.newBuilder()
                .setName(user.getName())
                .setPassword(user.getPassword())
                .addAllRoles(roles)
                .build();
    }

    private static User without(User user, String role) {
        return withRoles(
                user,
                user.getRolesList().stream().filter(each -> !each.equals(role)).toList());
    }

    // ---- roles ----

    public @Nullable Refusal addRole(String name) {
        if (name.isEmpty()) {
            return Refusal.ROLE_EMPTY;
        }
        if (roles.containsKey(name)) {
            return Refusal.ROLE_EXISTS;
        }
        put(Role.newBuilder().setName(ByteString.copyFromUtf8(name)).build());
        changed();
        return null;
    }

    /// Deletes a role, and takes it from all who have it.
    public @Nullable Refusal deleteRole(String name) {
        if (enabled && name.equals(Identity.ROOT)) {
            return Refusal.INVALID_AUTH_MANAGEMENT;
        }
        if (!roles.containsKey(name)) {
            return Refusal.ROLE_NOT_FOUND;
        }
        var rest = new HashMap<>(roles);
        rest.remove(name);
        roles = rest;
        rows.store(Table.ROLES, bytes(name), null);
        for (var user : List.copyOf(users.values())) {
            if (user.getRolesList().contains(name)) {
                put(without(user, name));
            }
        }
        changed();
        return null;
    }

    /// Grants a range of keys, or another kind of right to one that was granted before.
    public @Nullable Refusal grantPermission(String name, @Nullable Permission permission) {
        if (permission == null) {
            return Refusal.PERMISSION_NOT_GIVEN;
        }
        var role = roles.get(name);
        if (role == null) {
            return Refusal.ROLE_NOT_FOUND;
        }
        var permissions = new ArrayList<>(role.getKeyPermissionList());
        GrantOrder.put(permissions, permission);
        put(role.toBuilder()
                .clearKeyPermission()
                .addAllKeyPermission(permissions)
                .build());
        changed();
        return null;
    }

    /// Takes back a range of keys that was granted just like this.
    public @Nullable Refusal revokePermission(String name, ByteString key, ByteString end) {
        var role = roles.get(name);
        if (role == null) {
            return Refusal.ROLE_NOT_FOUND;
        }
        var rest = role.getKeyPermissionList().stream()
                .filter(each ->
                        !each.getKey().equals(key) || !each.getRangeEnd().equals(end))
                .toList();
        if (rest.size() == role.getKeyPermissionCount()) {
            return Refusal.PERMISSION_NOT_GRANTED;
        }
        put(role.toBuilder().clearKeyPermission().addAllKeyPermission(rest).build());
        changed();
        return null;
    }

    // ---- tokens ----

    /// A user whose password was found to be right gets a token.
    ///
    /// @param token empty where tokens are not kept
    public @Nullable Refusal authenticate(String name, String token) {
        if (!enabled) {
            return Refusal.AUTH_NOT_ENABLED;
        }
        if (!users.containsKey(name)) {
            return Refusal.AUTH_FAILED;
        }
        if (!token.isEmpty()) {
            sessions.opened(token, name);
        }
        return null;
    }

    // ---- what is asked, in log order ----

    /// The roles of a user; null when there is none of that name.
    public @Nullable List<String> rolesOf(String user) {
        var found = users.get(user);
        return found == null ? null : found.getRolesList();
    }

    /// The permissions of a role; null when there is none of that name.
    public @Nullable List<Permission> permissionsOf(String role) {
        var found = roles.get(role);
        return found == null ? null : found.getKeyPermissionList();
    }

    public List<String> userNames() {
        return now.userNames();
    }

    public List<String> roleNames() {
        return now.roleNames();
    }

    // ---- keeping ----

    private void put(User user) {
        var more = new HashMap<>(users);
        more.put(user.getName().toStringUtf8(), user);
        users = more;
        rows.store(Table.USERS, user.getName().toByteArray(), user.toByteArray());
    }

    private void put(Role role) {
        var more = new HashMap<>(roles);
        more.put(role.getName().toStringUtf8(), role);
        roles = more;
        rows.store(Table.ROLES, role.getName().toByteArray(), role.toByteArray());
    }

    private void changed() {
        revision++;
        rows.store(
                Table.SETTINGS,
                bytes(REVISION),
                ByteBuffer.allocate(Long.BYTES).putLong(revision).array());
        now = new Rights(enabled, revision, users, roles);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
