package dev.cetera.auth;

import com.google.protobuf.ByteString;
import dev.cetera.api.authpb.Permission;
import java.util.Comparator;
import java.util.List;

/// The order in which a role lists its permissions: by key, those of one key in the order of their granting.
///
/// A grant replaces an earlier one of the same range only where that is the first of its key; elsewhere it
/// comes in addition. So does etcd 3.3, and what a role lists is replicated.
final class GrantOrder {
    private static final Comparator<Permission> BY_KEY =
            Comparator.comparing(Permission::getKey, ByteString.unsignedLexicographicalComparator());

    private GrantOrder() {}

    static void put(List<Permission> permissions, Permission granted) {
        int at = 0;
        while (at < permissions.size() && BY_KEY.compare(permissions.get(at), granted) < 0) {
            at++;
        }
        var clean = Permission.newBuilder()
                .setPermTypeValue(granted.getPermTypeValue())
                .setKey(granted.getKey())
                .setRangeEnd(granted.getRangeEnd())
                .build();
        if (at < permissions.size() && isSameRange(permissions.get(at), granted)) {
            permissions.set(at, clean);
        } else {
            permissions.add(clean);
            permissions.sort(BY_KEY);
        }
    }

    private static boolean isSameRange(Permission one, Permission other) {
        return one.getKey().equals(other.getKey()) && one.getRangeEnd().equals(other.getRangeEnd());
    }
}
