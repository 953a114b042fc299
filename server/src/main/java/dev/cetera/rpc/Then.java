package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.node.Answer;
import java.util.function.Function;

/// Passes an answer on in another form; a refusal stays what it is.
record Then<T, R>(Answer<R> next, Function<T, R> form) implements Answer<T> {
    @Override
    public void done(T value) {
        next.done(form.apply(value));
    }

    @Override
    public void refused(Refusal why) {
        next.refused(why);
    }
}
