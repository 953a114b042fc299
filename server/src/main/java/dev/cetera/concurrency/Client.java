package dev.cetera.concurrency;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/// A client that waits for an answer, for as long as it likes. Guarded by itself.
///
/// @param <A> the answer
final class Client<A> {
    private final ServerCallStreamObserver<A> observer;

    @GuardedBy("this")
    private @Nullable Candidacy candidacy;

    @GuardedBy("this")
    private boolean gone;

    /// To be made before the service's method returns.
    Client(StreamObserver<A> observer) {
        this.observer = (ServerCallStreamObserver<A>) observer;
        this.observer.setOnCancelHandler(this::leave);
    }

    private void leave() {
        Candidacy left;
        synchronized (this) {
            gone = true;
            left = candidacy;
        }
        if (left != null) {
            left.cancel();
        }
    }

    /// Begins, unless the client has gone by now.
    void stands(Candidacy its) {
        synchronized (this) {
            if (gone) {
                return;
            }
            candidacy = its;
        }
        its.begin();
    }

    void answer(A answer) {
        if (!observer.isCancelled()) {
            observer.onNext(answer);
            observer.onCompleted();
        }
    }

    /// Errors of these services have a text and no code, as in etcd.
    void refuse(Status why) {
        if (!observer.isCancelled()) {
            var text = why.getDescription();
            observer.onError(Status.UNKNOWN
                    .withDescription(text == null ? why.getCode().toString() : text)
                    .asException());
        }
    }
}
