package dev.cetera.lab.load;

import java.time.Duration;

/// How a load is to be: the numbers behind the options of [Bench].
///
/// @param total requests of one run, 0 to go by `duration`
/// @param rate requests a second of all clients together, 0 for as many as the server takes
/// @param keys size of the key space
/// @param listKeys keys that a list request asks for
/// @param history revisions that a watcher is behind who catches up
record Settings(
        int clients,
        int connections,
        long total,
        Duration duration,
        Duration warmUp,
        long rate,
        int keySize,
        int valueSize,
        int keys,
        int listKeys,
        int watchers,
        int history,
        long seed) {

    /// Names the option, the value and what was expected.
    Settings {
        atLeast("--clients", clients, 1);
        atLeast("--conns", connections, 1);
        atLeast("--total", total, 0);
        atLeast("--duration (in ms)", duration.toMillis(), 100);
        atLeast("--warm-up (in ms)", warmUp.toMillis(), 0);
        atLeast("--rate", rate, 0);
        atLeast("--key-size", keySize, 4);
        atLeast("--val-size", valueSize, 0);
        atLeast("--keys", keys, 1);
        atLeast("--list-keys", listKeys, 1);
        atLeast("--watchers", watchers, 1);
        atLeast("--history", history, 1);
        if (keySize < 16 && keys > 1L << (4 * keySize)) {
            throw new IllegalArgumentException(
                    "--keys " + keys + ": keys of " + keySize + " hexadecimal digits are fewer");
        }
        if (listKeys > keys) {
            throw new IllegalArgumentException("--list-keys " + listKeys + ": expected at most --keys, " + keys);
        }
    }

    /// As many clients as make a server busy, for what measures something else than their requests.
    static Settings plain(Data data, int history) {
        return new Settings(
                1000,
                100,
                0,
                Duration.ofSeconds(1),
                Duration.ZERO,
                0,
                data.keySize(),
                data.valueSize(),
                data.keys(),
                1,
                1,
                history,
                1);
    }

    /// The same at a rate.
    Settings withRate(long requests) {
        return new Settings(
                clients,
                connections,
                total,
                duration,
                warmUp,
                requests,
                keySize,
                valueSize,
                keys,
                listKeys,
                watchers,
                history,
                seed);
    }

    /// The same with other clients; they share as many connections at most as there are of them.
    Settings withClients(int others) {
        return new Settings(
                others,
                Math.min(connections, others),
                total,
                duration,
                warmUp,
                rate,
                keySize,
                valueSize,
                keys,
                listKeys,
                watchers,
                history,
                seed);
    }

    private static void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " " + value + ": expected at least " + least);
        }
    }
}
