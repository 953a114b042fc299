package dev.cetera.client.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.api.Refusal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The token that goes with requests of a client with a login. One request for a new one serves all that wait
/// for it. A cluster without authentication gives none, and none is needed then. Guarded by its lock.
final class Tokens {
    /// Stands for "no token is needed".
    static final String NONE = "";

    private final Supplier<CompletableFuture<String>> login;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable String token;

    @GuardedBy("lock")
    private @Nullable CompletableFuture<String> underWay;

    Tokens(Supplier<CompletableFuture<String>> login) {
        this.login = login;
    }

    /// The token in use, or a new one if there is none or it is `refused`.
    CompletableFuture<String> current(@Nullable String refused) {
        CompletableFuture<String> result;
        lock.lock();
        try {
            if (token != null && !token.equals(refused)) {
                return CompletableFuture.completedFuture(token);
            }
            token = null; // nobody else needs to be refused for it
            if (underWay != null) {
                return underWay;
            }
            result = new CompletableFuture<>();
            underWay = result;
        } finally {
            lock.unlock();
        }
        var unused = login.get().whenComplete((fresh, failure) -> {
            lock.lock();
            try {
                underWay = null;
                token = fresh;
            } finally {
                lock.unlock();
            }
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                result.complete(fresh);
            }
        });
        return result;
    }

    /// Whether a refusal says no more than that the token isn't good, so that nothing was done and a new token
    /// may help.
    static boolean isStale(String text) {
        return text.equals(Refusal.INVALID_TOKEN.text())
                || text.equals(Refusal.RAW_INVALID_TOKEN.text())
                || text.equals(Refusal.USER_EMPTY.text())
                || text.equals(Refusal.OLD_AUTH_REVISION.text())
                || text.equals("etcdserver: revision of auth store is old");
    }
}
