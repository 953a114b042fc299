package dev.cetera.client.leasing;

import dev.cetera.client.Compare;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetOption.Content;
import dev.cetera.client.GetResponse;
import dev.cetera.client.Header;
import dev.cetera.client.Key;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.OpResponse;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import dev.cetera.client.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Answers as a member would that has the given states. Null is what can't be answered from them.
///
/// @param states of keys; null of a key whose state isn't known
/// @param header that of all answers
record Answers(Function<Key, @Nullable State> states, Header header) {
    /// What is known of a key; its value is null if it doesn't exist.
    record State(@Nullable KeyValue kv) {
        static final State ABSENT = new State(null);

        /// Whether it changes without a write.
        boolean goesByItself() {
            return kv != null && kv.lease() != 0;
        }
    }

    /// Whether a get of one key as it is now.
    static boolean isOfOneKey(Op.Get get) {
        return get.keys().isSingle()
                && get.option().revision() == 0
                && get.option().limit() >= 0;
    }

    @Nullable
    GetResponse get(Op.Get get) {
        var state = isOfOneKey(get) ? states.apply(get.keys().key()) : null;
        return state == null ? null : answer(state, get.option(), header);
    }

    /// What a get of one key finds. The count is of all there is, also of what the bounds leave out.
    static GetResponse answer(State state, GetOption option, Header header) {
        var kv = state.kv();
        if (kv == null) {
            return new GetResponse(header, List.of(), false, 0);
        }
        boolean shown = option.content() != Content.COUNT
                && isWithin(kv.modRevision(), option.minModRevision(), option.maxModRevision())
                && isWithin(kv.createRevision(), option.minCreateRevision(), option.maxCreateRevision());
        var seen = option.content() == Content.KEYS ? with(kv, Value.EMPTY) : kv;
        return new GetResponse(header, shown ? List.of(seen) : List.of(), false, 1);
    }

    static KeyValue with(KeyValue kv, Value value) {
        return new KeyValue(kv.key(), value, kv.createRevision(), kv.modRevision(), kv.version(), kv.lease());
    }

    private static boolean isWithin(long revision, long least, long most) {
        return (least == 0 || revision >= least) && (most == 0 || revision <= most);
    }

    @Nullable
    TxnResponse get(Txn txn) {
        var holds = holds(txn.compares());
        if (holds == null) {
            return null;
        }
        var responses = new ArrayList<OpResponse>();
        for (var op : holds ? txn.success() : txn.failure()) {
            @Nullable OpResponse response = null;
            if (op instanceof Op.Get get) {
                response = get(get);
            } else if (op instanceof Txn nested) {
                response = get(nested);
            }
            if (response == null) {
                return null;
            }
            responses.add(response);
        }
        if (txn.compares().isEmpty() && responses.isEmpty()) {
            return null; // only a member knows the revision that it asks for
        }
        return new TxnResponse(header, holds, responses);
    }

    /// One that doesn't hold is enough, whatever the others may be.
    private @Nullable Boolean holds(List<Compare> compares) {
        boolean known = true;
        for (var compare : compares) {
            var state = compare.keys().isSingle() ? states.apply(compare.keys().key()) : null;
            if (state == null) {
                known = false;
            } else if (!holds(compare, state.kv())) {
                return false;
            }
        }
        return known ? true : null;
    }

    private static boolean holds(Compare compare, @Nullable KeyValue kv) {
        int difference;
        if (compare.operand() instanceof Compare.Operand.Numeral numeral) {
            difference = Long.compare(kv == null ? 0 : number(compare.property(), kv), numeral.number());
        } else if (kv == null) {
            return false; // what doesn't exist has no value to compare
        } else {
            var wanted = ((Compare.Operand.Content) compare.operand()).value();
            difference = Arrays.compareUnsigned(kv.value().bytes(), wanted.bytes());
        }
        return switch (compare.relation()) {
            case EQUAL -> difference == 0;
            case NOT_EQUAL -> difference != 0;
            case GREATER -> difference > 0;
            case LESS -> difference < 0;
        };
    }

    private static long number(Compare.Property property, KeyValue kv) {
        return switch (property) {
            case VERSION -> kv.version();
            case CREATE_REVISION -> kv.createRevision();
            case MOD_REVISION -> kv.modRevision();
            case LEASE -> kv.lease();
            case VALUE -> throw new IllegalArgumentException("a value is no number");
        };
    }
}
