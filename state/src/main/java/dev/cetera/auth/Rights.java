package dev.cetera.auth;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.authpb.Role;
import dev.cetera.api.authpb.User;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Who may do what, at one moment. Immutable but for what it remembers of its own answers; shared.
///
/// All questions are answered with yes (null) while access control is off.
public final class Rights {
    private final boolean enabled;
    private final long revision;
    private final Map<String, User> users;
    private final Map<String, Role> roles;
    private final ConcurrentHashMap<String, Keys> keys = new ConcurrentHashMap<>();

    /// What a user may read and write.
    private record Keys(KeySpans readable, KeySpans writable) {}

    /// What is asked for.
    private enum Kind {
        READ,
        WRITE
    }

    /// @param users by name; must not change any more
    /// @param roles by name; must not change any more
    Rights(boolean enabled, long revision, Map<String, User> users, Map<String, Role> roles) {
        this.enabled = enabled;
        this.revision = revision;
        this.users = users;
        this.roles = roles;
    }

    /// Whether anybody is asked for anything.
    public boolean enabled() {
        return enabled;
    }

    /// Rises with every change of users, roles and permissions. Starts at 1.
    public long revision() {
        return revision;
    }

    /// The bcrypt hash of a user's password; null when there is no such user.
    public @Nullable ByteString passwordHash(String user) {
        var found = users.get(user);
        return found == null ? null : found.getPassword();
    }

    @Nullable
    User user(String name) {
        return users.get(name);
    }

    @Nullable
    Role role(String name) {
        return roles.get(name);
    }

    /// In the order of their names' bytes.
    List<String> userNames() {
        return sorted(users.keySet());
    }

    /// In the order of their names' bytes.
    List<String> roleNames() {
        return sorted(roles.keySet());
    }

    private static List<String> sorted(Collection<String> names) {
        return names.stream().sorted(Rights::compareNames).toList();
    }

    /// By bytes, as Go compares strings.
    static int compareNames(String a, String b) {
        return Arrays.compareUnsigned(
                ByteString.copyFromUtf8(a).toByteArray(),
                ByteString.copyFromUtf8(b).toByteArray());
    }

    // ---- questions: null is yes ----

    /// Whether all keys of a range may be read.
    ///
    /// @param end as in a request: empty for the one key, one zero byte for no end
    public @Nullable Refusal mayRead(Identity who, byte[] key, byte[] end) {
        return may(who, key, end, Kind.READ);
    }

    /// Whether all keys of a range may be written.
    ///
    /// @param end as in a request: empty for the one key, one zero byte for no end
    public @Nullable Refusal mayWrite(Identity who, byte[] key, byte[] end) {
        return may(who, key, end, Kind.WRITE);
    }

    private @Nullable Refusal may(Identity who, byte[] key, byte[] end, Kind kind) {
        if (!enabled) {
            return null;
        }
        if (who.revision() == 0) {
            return Refusal.USER_EMPTY;
        }
        if (Long.compareUnsigned(who.revision(), revision) < 0) {
            return Refusal.OLD_AUTH_REVISION;
        }
        var user = users.get(who.user());
        if (user == null) {
            return Refusal.PERMISSION_DENIED;
        }
        if (isRoot(user)) {
            return null;
        }
        var granted = keys.computeIfAbsent(who.user(), _ -> keysOf(user));
        var spans = kind == Kind.READ ? granted.readable() : granted.writable();
        return spans.covers(key, end) ? null : Refusal.PERMISSION_DENIED;
    }

    private Keys keysOf(User user) {
        var readable = new KeySpans.Builder();
        var writable = new KeySpans.Builder();
        for (var name : user.getRolesList()) {
            var role = roles.get(name);
            if (role == null) {
                continue;
            }
            for (var permission : role.getKeyPermissionList()) {
                var key = permission.getKey().toByteArray();
                var end = permission.getRangeEnd().toByteArray();
                var type = permission.getPermType();
                if (type == Permission.Type.READ || type == Permission.Type.READWRITE) {
                    readable.add(key, end);
                }
                if (type == Permission.Type.WRITE || type == Permission.Type.READWRITE) {
                    writable.add(key, end);
                }
            }
        }
        return new Keys(readable.build(), writable.build());
    }

    /// Whether it is a user with the root role. How old its rights are is no matter, as in etcd.
    public @Nullable Refusal isRoot(Identity who) {
        if (!enabled) {
            return null;
        }
        if (who.user().isEmpty()) {
            return Refusal.USER_EMPTY;
        }
        var user = users.get(who.user());
        if (user == null) {
            return Refusal.USER_NOT_FOUND;
        }
        return isRoot(user) ? null : Refusal.PERMISSION_DENIED;
    }

    /// Whether it is any user at all.
    public @Nullable Refusal isSomebody(Identity who) {
        if (!enabled) {
            return null;
        }
        if (who.user().isEmpty()) {
            return Refusal.USER_EMPTY;
        }
        return users.containsKey(who.user()) ? null : Refusal.PERMISSION_DENIED;
    }

    boolean hasRole(String user, String role) {
        var found = users.get(user);
        return found != null && found.getRolesList().contains(role);
    }

    static boolean isRoot(User user) {
        return user.getRolesList().contains(Identity.ROOT);
    }
}
