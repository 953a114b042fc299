package dev.cetera.lab.fuzz;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All that is fuzzed, by name.
final class Targets {
    /// Makes a target with its seeds.
    @FunctionalInterface
    interface Making {
        FuzzTarget make() throws IOException;
    }

    private static final Map<String, Making> ALL = new LinkedHashMap<>();

    static {
        ALL.put("wal", DiskTargets::log);
        ALL.put("snap", DiskTargets::snapshots);
        ALL.put("v2-tree", DiskTargets::tree);
        ALL.put("bolt", StateTargets::bolt);
        ALL.put("database", StateTargets::database);
        ALL.put("received-database", StateTargets::received);
        ALL.put("entries", StateTargets::entries);
        ALL.put("message", MessageTargets::message);
        ALL.put("message-stream", MessageTargets::messageStream);
        ALL.put("append-stream", MessageTargets::appendStream);
        ALL.put("requests", RequestTargets::requests);
        ALL.put("client-http", HttpTargets::client);
        ALL.put("peer-http", HttpTargets::peer);
        ALL.put("gateway-json", GatewayTargets::json);
        ALL.put("flags", FlagTargets::flags);
        ALL.put("config-file", FlagTargets::file);
    }

    private Targets() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /// @throws IllegalArgumentException when there is none of that name
    static FuzzTarget named(String name) throws IOException {
        var making = ALL.get(name);
        if (making == null) {
            throw new IllegalArgumentException("no target '" + name + "', expected one of " + names());
        }
        return making.make();
    }
}
