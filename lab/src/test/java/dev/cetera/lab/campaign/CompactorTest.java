package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompactorTest {
    /// Never answers.
    private static final Channel DEAF = new Channel() {
        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return new ClientCall<>() {
                @Override
                public void start(Listener<A> listener, io.grpc.Metadata headers) {}

                @Override
                public void request(int count) {}

                @Override
                public void cancel(@Nullable String message, @Nullable Throwable cause) {}

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {}
            };
        }

        @Override
        public String authority() {
            return "deaf";
        }
    };

    private static Operation put(int number, long called) {
        return new Operation(
                number, 0, "m1", PutRequest.getDefaultInstance(), called, Operation.NEVER, new Outcome.Unknown(""));
    }

    @Test
    void compactionsStandInTheHistoryWhereTheyWereCalled() {
        var compactor = new Compactor(() -> 100, new Random(1));
        long before = System.nanoTime();
        compactor.compact(DEAF, "m2");
        var history = new History(List.of(put(0, before - 1), put(1, System.nanoTime() + 1)), List.of(), true, 3);
        History all = compactor.into(history);
        assertThat(all.operations()).extracting(Operation::number).containsExactly(0, 1, 2);
        assertThat(all.operations().get(1).request())
                .isInstanceOfSatisfying(
                        CompactionRequest.class,
                        request -> assertThat(request.getRevision()).isBetween(50L, 100L));
        assertThat(all.operations().get(1).outcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(all.settled()).isTrue();
    }

    @Test
    void thereIsNothingToCompactInAnEmptyStore() {
        var compactor = new Compactor(() -> 1, new Random(1));
        compactor.compact(DEAF, "m2");
        assertThat(compactor.into(new History(List.of(), List.of(), false, 1)).operations())
                .isEmpty();
    }
}
