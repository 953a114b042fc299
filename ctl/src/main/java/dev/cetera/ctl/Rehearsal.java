package dev.cetera.ctl;

import dev.cetera.ctl.command.Terminal;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs commands for the JVM to note what a start needs, against the member whose address is given and in a
/// folder that may be filled.
final class Rehearsal {
    private static final List<String> COMMANDS = List.of(
            "version",
            "get --help",
            "put key value",
            "get key -w simple",
            "get key -w json",
            "get key -w fields",
            "get key -w protobuf",
            "get k --prefix --keys-only",
            "txn",
            "del key",
            "lease grant 60",
            "lease list",
            "member list",
            "member list -w table",
            "endpoint health",
            "endpoint status -w table",
            "user list",
            "role list",
            "alarm list",
            "snapshot save snapshot.db",
            "snapshot status snapshot.db -w table");
    private static final String TXN = """
            value("key") = "value"

            put key other

            get key

            """;

    private Rehearsal() {}

    static void main(String[] arguments) {
        var endpoint = "--endpoints=" + arguments[0];
        for (var command : COMMANDS) {
            var line = new ArrayList<>(List.of(command.split(" ")));
            line.add(endpoint);
            if (new Ctl(terminal()).run(line) != 0) {
                System.err.println("failed: " + command);
                Runtime.getRuntime().halt(1);
            }
        }
        Main.main(new String[] {"get", "key", endpoint});
    }

    private static Terminal terminal() {
        InputStream typed = new java.io.ByteArrayInputStream(TXN.getBytes(StandardCharsets.UTF_8));
        return new Terminal(typed, System.out, System.err, Map.of(), Optional::empty, () -> 80);
    }
}
