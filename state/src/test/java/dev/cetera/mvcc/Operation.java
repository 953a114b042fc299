package dev.cetera.mvcc;

import java.io.IOException;
import java.util.List;

/// One change within a transaction of a test.
sealed interface Operation {
    record Put(byte[] key, byte[] value, long lease) implements Operation {}

    record Delete(byte[] key, byte[] end) implements Operation {}

    static Changes run(Store store, List<Operation> operations) throws IOException {
        var txn = store.begin();
        for (var operation : operations) {
            switch (operation) {
                case Put(var key, var value, var lease) -> txn.put(key, value, lease);
                case Delete(var key, var end) -> txn.deleteRange(key, end);
            }
        }
        return txn.end();
    }
}
