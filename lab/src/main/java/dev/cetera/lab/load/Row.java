package dev.cetera.lab.load;

import java.util.List;
import java.util.stream.Stream;

/// One line of the table: a workload, and with how many clients it is put on.
///
/// @param title what it is called on the command line, `put` or `put@16000`
record Row(String title, Workload workload, Settings settings) {
    /// Beside each workload with `--clients`: what few and very many clients get of a put.
    private static final List<String> MORE = List.of("put@1", "put@100", "put@16000");

    /// @param title of a workload; after an at sign, how many clients, else as many as in `settings`
    static Row of(String title, Settings settings) {
        int at = title.indexOf('@');
        if (at < 0) {
            return new Row(title, Workload.titled(title), settings);
        }
        try {
            int clients = Integer.parseInt(title.substring(at + 1));
            return new Row(title, Workload.titled(title.substring(0, at)), settings.withClients(clients));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "workload " + title + ": expected a number of clients after the at sign", e);
        }
    }

    static List<Row> all(Settings settings) {
        return Stream.concat(Stream.of(Workload.values()).map(Workload::title), MORE.stream())
                .map(title -> of(title, settings))
                .toList();
    }
}
