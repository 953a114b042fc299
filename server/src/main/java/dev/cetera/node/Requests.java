package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;

/// What clients ask of an [Engine], with answers of the right type. Shared: it has no state.
final class Requests {
    private final Engine engine;

    Requests(Engine engine) {
        this.engine = engine;
    }

    /// Proposes a request.
    ///
    /// @param type of the response to it
    <T extends Message> void propose(InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        engine.propose(request, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                switch (outcome) {
                    case Outcome.Done<? extends Message>(var response) -> answer.done(type.cast(response));
                    case Outcome.Refused<? extends Message>(var why) -> answer.refused(why);
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    /// Goes on once everything that was acknowledged before can be read here.
    ///
    /// @param answer refused when that can't be found out
    void afterLinearization(Answer<?> answer, Runnable then) {
        engine.linearize(new Answer<>() {
            @Override
            public void done(Long index) {
                then.run();
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }
}
