package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.apply.StateMachine;
import dev.cetera.auth.Authorization;
import dev.cetera.auth.Rights;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where a member decides whether one caller may do what it asks. While access control is off, all may.
/// Shared: it has no state of its own.
record Door(StateMachine machine, Caller caller) {
    /// Of this moment.
    Rights rights() {
        return machine.accounts().now();
    }

    /// Null when the caller may, under the rights of this moment.
    @Nullable
    Refusal refuses(Function<Authorization, @Nullable Refusal> need) {
        return refuses(rights(), need);
    }

    /// As above, under the rights of some moment.
    @Nullable
    Refusal refuses(Rights rights, Function<Authorization, @Nullable Refusal> need) {
        if (!rights.enabled() || caller instanceof Caller.Member) {
            return null;
        }
        return need.apply(Authorization.door(rights, caller.under(rights), machine.leases()::keys));
    }

    /// Goes on if the caller may, and tells it otherwise.
    void enter(Function<Authorization, @Nullable Refusal> need, Answer<?> answer, Runnable then) {
        var why = refuses(need);
        if (why == null) {
            then.run();
        } else {
            answer.refused(why);
        }
    }

    /// An answer that is kept back when the caller may no longer have it, because its rights have changed
    /// while it was made.
    ///
    /// @param under the rights of a moment before
    <T> void leave(Rights under, Function<Authorization, @Nullable Refusal> need, Answer<T> answer, T value) {
        var now = rights();
        var why = now.equals(under) ? null : refuses(now, need);
        if (why == null) {
            answer.done(value);
        } else {
            answer.refused(why);
        }
    }
}
