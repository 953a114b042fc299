package dev.cetera.v2;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Counts of what the tree was asked. Each member has its own; they are saved with the tree all the same.
/// Confined to the thread of its [V2Store].
final class V2Stats {
    /// In the order in which they are saved.
    enum Counter {
        GETS_SUCCESS("getsSuccess"),
        GETS_FAIL("getsFail"),
        SETS_SUCCESS("setsSuccess"),
        SETS_FAIL("setsFail"),
        DELETE_SUCCESS("deleteSuccess"),
        DELETE_FAIL("deleteFail"),
        UPDATE_SUCCESS("updateSuccess"),
        UPDATE_FAIL("updateFail"),
        CREATE_SUCCESS("createSuccess"),
        CREATE_FAIL("createFail"),
        COMPARE_AND_SWAP_SUCCESS("compareAndSwapSuccess"),
        COMPARE_AND_SWAP_FAIL("compareAndSwapFail"),
        COMPARE_AND_DELETE_SUCCESS("compareAndDeleteSuccess"),
        COMPARE_AND_DELETE_FAIL("compareAndDeleteFail"),
        EXPIRE_COUNT("expireCount"),
        WATCHERS("watchers");

        final String text;

        Counter(String text) {
            this.text = text;
        }
    }

    private final Map<Counter, Long> counts = new EnumMap<>(Counter.class);

    void count(V2Action action, V2Outcome outcome) {
        boolean good = outcome instanceof V2Outcome.Done;
        increment(
                switch (action) {
                    case GET -> good ? Counter.GETS_SUCCESS : Counter.GETS_FAIL;
                    case SET -> good ? Counter.SETS_SUCCESS : Counter.SETS_FAIL;
                    case DELETE -> good ? Counter.DELETE_SUCCESS : Counter.DELETE_FAIL;
                    case UPDATE -> good ? Counter.UPDATE_SUCCESS : Counter.UPDATE_FAIL;
                    case CREATE -> good ? Counter.CREATE_SUCCESS : Counter.CREATE_FAIL;
                    case COMPARE_AND_SWAP -> good ? Counter.COMPARE_AND_SWAP_SUCCESS : Counter.COMPARE_AND_SWAP_FAIL;
                    case COMPARE_AND_DELETE ->
                        good ? Counter.COMPARE_AND_DELETE_SUCCESS : Counter.COMPARE_AND_DELETE_FAIL;
                    case EXPIRE -> Counter.EXPIRE_COUNT;
                });
    }

    private void increment(Counter counter) {
        counts.merge(counter, 1L, Long::sum);
    }

    long get(Counter counter) {
        return counts.getOrDefault(counter, 0L);
    }

    /// Sets a counter by its saved name, in any case; other names are ignored.
    void set(String name, long count) {
        for (var counter : Counter.values()) {
            if (counter.text.toLowerCase(Locale.ROOT).equals(name)) {
                counts.put(counter, count);
            }
        }
    }

    void replace(V2Stats other) {
        counts.clear();
        counts.putAll(other.counts);
    }
}
