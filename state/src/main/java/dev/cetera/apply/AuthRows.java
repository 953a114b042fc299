package dev.cetera.apply;

import dev.cetera.auth.Accounts;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.function.BiConsumer;

/// The rows of users and roles, out of a database.
final class AuthRows {
    private AuthRows() {}

    @FunctionalInterface
    private interface Source {
        void forEach(Bucket bucket, BiConsumer<byte[], byte[]> visitor) throws IOException;
    }

    static Accounts.Stored of(Backend backend) throws IOException {
        return read(backend::forEach);
    }

    static Accounts.Stored of(Snapshot file) throws IOException {
        return read((bucket, visitor) -> {
            if (file.has(bucket)) {
                var cursor = file.cursor(bucket);
                for (var more = cursor.first(); more; more = cursor.next()) {
                    visitor.accept(cursor.key(), cursor.value());
                }
            }
        });
    }

    private static Accounts.Stored read(Source source) throws IOException {
        var settings = new HashMap<String, byte[]>();
        source.forEach(Bucket.AUTH, (key, value) -> settings.put(new String(key, StandardCharsets.UTF_8), value));
        var users = new ArrayList<byte[]>();
        source.forEach(Bucket.AUTH_USERS, (_, value) -> users.add(value));
        var roles = new ArrayList<byte[]>();
        source.forEach(Bucket.AUTH_ROLES, (_, value) -> roles.add(value));
        return new Accounts.Stored(settings, users, roles);
    }
}
