package dev.cetera.client;

import dev.cetera.api.v3lockpb.LockGrpc;
import dev.cetera.api.v3lockpb.LockRequest;
import dev.cetera.api.v3lockpb.UnlockRequest;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// The members' lock service: they do the waiting. Blocking, as [KV] is.
public final class LockService {
    private final Calls calls;

    LockService(Calls calls) {
        this.calls = calls;
    }

    /// The lock is had.
    ///
    /// @param key exists as long as the lock is held; to be given to [#unlock]
    public record LockResponse(Header header, Key key) {}

    /// It is free.
    public record UnlockResponse(Header header) {}

    public Async async() {
        return new Async();
    }

    public LockService within(Duration timeout) {
        return new LockService(calls.within(timeout));
    }

    /// Waits until the lock is had.
    ///
    /// @param lease the lock goes when this does
    public LockResponse lock(Key name, long lease) {
        return Calls.await(async().lock(name, lease));
    }

    public UnlockResponse unlock(Key key) {
        return Calls.await(async().unlock(key));
    }

    /// The same with futures.
    public final class Async {
        private Async() {}

        public CompletableFuture<LockResponse> lock(Key name, long lease) {
            return calls.call(
                    LockGrpc.getLockMethod(),
                    LockRequest.newBuilder()
                            .setName(name.content())
                            .setLease(lease)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new LockResponse(Protos.header(answer.getHeader()), new Key(answer.getKey())));
        }

        /// Not repeated: one that comes late would free what the same lease may have locked again since.
        public CompletableFuture<UnlockResponse> unlock(Key key) {
            return calls.call(
                    LockGrpc.getUnlockMethod(),
                    UnlockRequest.newBuilder().setKey(key.content()).build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new UnlockResponse(Protos.header(answer.getHeader())));
        }
    }
}
