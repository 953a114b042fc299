package dev.cetera.client.concurrency;

import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetResponse;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import dev.cetera.client.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A transaction as code: it reads and writes keys, what it writes is held back, and all is committed together
/// if what it read still stands. If not, the code runs again, so it must do nothing but read and write here.
///
/// ```java
/// Stm.run(client, Stm.Isolation.SERIALIZABLE_SNAPSHOT, stm -> {
///     long from = Long.parseLong(stm.get("a"));
///     stm.put("a", Long.toString(from - 1));
///     stm.put("b", Long.toString(Long.parseLong(stm.get("b")) + 1));
/// });
/// ```
///
/// For the thread that runs the code.
public final class Stm {
    private final Client client;
    private final Isolation isolation;
    private final Map<Key, GetResponse> reads = new LinkedHashMap<>();
    private final Map<Key, Optional<Value>> writes = new LinkedHashMap<>();
    private final Map<Key, GetResponse> prefetched;
    private long firstRevision = Long.MAX_VALUE - 1;

    /// What must not have changed until the commit.
    public enum Isolation {
        /// What was read, and what is written, since the first read; all reads see one moment.
        SERIALIZABLE_SNAPSHOT,
        /// What was read; all reads see one moment.
        SERIALIZABLE,
        /// What was read; a key that is read twice stays the same.
        REPEATABLE_READS,
        /// Nothing.
        READ_COMMITTED
    }

    private Stm(Client client, Isolation isolation, Map<Key, GetResponse> prefetched) {
        this.client = client;
        this.isolation = isolation;
        this.prefetched = prefetched;
    }

    /// Runs `code` until its transaction is committed.
    ///
    /// @throws dev.cetera.client.EtcdException if a request fails; one of fate unknown may have been committed
    public static TxnResponse run(Client client, Isolation isolation, Consumer<Stm> code) {
        Map<Key, GetResponse> ahead = Map.of();
        while (true) {
            var stm = new Stm(client, isolation, ahead);
            code.accept(stm);
            var answer = stm.commit();
            if (answer.succeeded()) {
                return answer;
            }
            ahead = stm.readAgain(answer);
        }
    }

    /// The value, or an empty text if there is no such key.
    public String get(String key) {
        return read(Key.of(key)).map(Value::string).orElse("");
    }

    public Optional<Value> read(Key key) {
        var written = writes.get(key);
        return written != null ? written : keyValue(key).map(KeyValue::value);
    }

    /// When the key was last changed, as this transaction sees it; 0 if there is no such key.
    public long revision(Key key) {
        return keyValue(key).map(KeyValue::modRevision).orElse(0L);
    }

    public void put(String key, String value) {
        put(Key.of(key), Value.of(value));
    }

    public void put(Key key, Value value) {
        writes.put(key, Optional.of(value));
    }

    public void delete(Key key) {
        writes.put(key, Optional.empty());
    }

    private boolean oneMoment() {
        return isolation == Isolation.SERIALIZABLE || isolation == Isolation.SERIALIZABLE_SNAPSHOT;
    }

    private Optional<KeyValue> keyValue(Key key) {
        var known = reads.get(key);
        if (known == null) {
            known = fetch(key);
            reads.put(key, known);
            firstRevision = Math.min(firstRevision, known.header().revision());
        }
        return known.first();
    }

    private GetResponse fetch(Key key) {
        var ahead = prefetched.get(key);
        if (ahead != null) {
            return ahead;
        }
        if (oneMoment() && (!reads.isEmpty() || !prefetched.isEmpty())) {
            return client.kv().get(KeyRange.of(key), GetOption.DEFAULTS.withRevision(moment()));
        }
        return client.kv().get(key);
    }

    /// Where the first read was; those that were fetched ahead are all of one revision.
    private long moment() {
        return reads.isEmpty() ? prefetched.values().iterator().next().header().revision() : firstRevision;
    }

    private TxnResponse commit() {
        var compares = new ArrayList<Compare>();
        if (isolation != Isolation.READ_COMMITTED) {
            reads.forEach((key, read) -> compares.add(Compare.modRevision(key)
                    .equalTo(read.first().map(KeyValue::modRevision).orElse(0L))));
        }
        if (isolation == Isolation.SERIALIZABLE_SNAPSHOT) {
            writes.keySet().forEach(key -> compares.add(Compare.modRevision(key).lessThan(firstRevision + 1)));
        }
        List<Op> success = new ArrayList<>();
        writes.forEach((key, value) ->
                success.add(value.<Op>map(content -> Op.put(key, content)).orElseGet(() -> Op.delete(key))));
        List<Op> failure = new ArrayList<>();
        if (oneMoment()) {
            reads.keySet().forEach(key -> failure.add(Op.get(key)));
        }
        return client.kv().commit(new Txn(compares, success, failure));
    }

    /// What the refused commit has read for the next run: all at one revision.
    private Map<Key, GetResponse> readAgain(TxnResponse refused) {
        var fresh = new HashMap<Key, GetResponse>();
        int index = 0;
        if (!refused.responses().isEmpty()) {
            for (var key : reads.keySet()) {
                var read = refused.get(index++);
                fresh.put(key, new GetResponse(refused.header(), read.kvs(), read.more(), read.count()));
            }
        }
        return fresh;
    }
}
