package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.auth.Authorization;
import dev.cetera.auth.Rights;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What clients ask of an [Engine], with answers of the right type. Shared: it has no state.
final class Requests {
    /// Of a request whose caller's rights, or another's, change while it is on its way.
    private static final int MOST_TRIES = 5;

    private final Engine engine;

    Requests(Engine engine) {
        this.engine = engine;
    }

    /// Proposes a request, if the caller may make it.
    ///
    /// @param type of the response to it
    <T extends Message> void propose(Door door, InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        propose(door, request, type, MOST_TRIES, answer);
    }

    private <T extends Message> void propose(
            Door door, InternalRaftRequest.Builder request, Class<T> type, int tries, Answer<T> answer) {
        Function<Authorization, @Nullable Refusal> need = needs -> needs.request(request);
        Consumer<Rights> then = rights -> proposeUnder(rights, door, request, type, tries, answer);
        if (Authorization.isLookedAtInTheLog(request)) {
            enter(door, need, answer, then);
        } else {
            // Nobody would notice later that a right was taken back.
            enterUpToDate(door, need, answer, then);
        }
    }

    /// @param rights under which the caller may make the request
    private <T extends Message> void proposeUnder(
            Rights rights, Door door, InternalRaftRequest.Builder request, Class<T> type, int tries, Answer<T> answer) {
        engine.propose(request, door.caller().under(rights), new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                switch (outcome) {
                    case Outcome.Done<? extends Message>(var response) -> answer.done(type.cast(response));
                    case Outcome.Refused<? extends Message>(var why) -> {
                        if (why == Refusal.OLD_AUTH_REVISION && tries > 1) {
                            // It has changed nothing. A caller whose rights are those of the moment may try again.
                            propose(door, request, type, tries - 1, answer);
                        } else {
                            answer.refused(why);
                        }
                    }
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    /// Goes on if the caller may. What it was given the right to, and somebody was told so, may not be known
    /// here yet: so nobody is turned away before this member knows all that was acknowledged.
    ///
    /// @param then gets the rights under which the caller may
    void enter(Door door, Function<Authorization, @Nullable Refusal> need, Answer<?> answer, Consumer<Rights> then) {
        var rights = door.rights();
        if (door.refuses(rights, need) == null) {
            then.accept(rights);
        } else {
            enterUpToDate(door, need, answer, then);
        }
    }

    /// Goes on if the caller may, once this member knows all that was acknowledged.
    private void enterUpToDate(
            Door door, Function<Authorization, @Nullable Refusal> need, Answer<?> answer, Consumer<Rights> then) {
        afterLinearization(answer, () -> {
            var rights = door.rights();
            var why = door.refuses(rights, need);
            if (why == null) {
                then.accept(rights);
            } else {
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
