package dev.cetera.lab.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// Every target reads its corpus and some mutations. The folders of the corpus lie beside this class: each
/// file once showed a bug, or is as extreme as one can think of.
final class FuzzTest {
    /// As many as a few seconds allow.
    private static final Map<String, Integer> INPUTS = Map.ofEntries(
            Map.entry("wal", 500),
            Map.entry("snap", 1_500),
            Map.entry("v2-tree", 800),
            Map.entry("bolt", 600),
            Map.entry("database", 150),
            Map.entry("received-database", 250),
            Map.entry("entries", 250),
            Map.entry("message", 8_000),
            Map.entry("message-stream", 2_500),
            Map.entry("append-stream", 2_500),
            Map.entry("requests", 200),
            Map.entry("client-http", 800),
            Map.entry("peer-http", 800),
            Map.entry("gateway-json", 200),
            Map.entry("flags", 3_000),
            Map.entry("config-file", 1_000));

    private static final Logger ROOT = Logger.getLogger("");
    private static final Level LEVEL = Objects.requireNonNull(ROOT.getLevel());

    @BeforeAll
    static void silence() {
        ROOT.setLevel(Level.OFF);
    }

    @AfterAll
    static void restore() {
        ROOT.setLevel(LEVEL);
    }

    private static Path resources(String folder) {
        var found = FuzzTest.class.getResource(folder);
        try {
            return Path.of(Objects.requireNonNull(found, folder).toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The files of the corpus, and files of real members where a target can begin with one.
    private static Map<String, byte[]> corpus(String target) throws IOException {
        var inputs = new java.util.TreeMap<String, byte[]>();
        try (var files = Files.list(resources(target))) {
            for (var file : files.toList()) {
                inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        var golden = resources("/golden/rich-3.3");
        switch (target) {
            case "bolt", "database", "received-database" ->
                inputs.put("of a real member", Files.readAllBytes(golden.resolve("db")));
            case "wal", "snap" -> {
                try (var files = Files.list(golden)) {
                    for (var file : files.filter(path -> path.toString().endsWith("." + target))
                            .toList()) {
                        var bundle = Bundle.of(file.getFileName().toString(), Files.readAllBytes(file));
                        inputs.put("of a real member", bundle.pack());
                    }
                }
            }
            default -> {}
        }
        return inputs;
    }

    @TestFactory
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    Stream<DynamicTest> whatNobodyShouldSendIsTakenOrRefused() {
        return Targets.names().stream().map(name -> dynamicTest(name, () -> hunt(name)));
    }

    private static void hunt(String name) throws IOException {
        var target = Targets.named(name);
        var hunt = Hunt.unguided(target, new Random(name.hashCode()));
        var bugs = new ArrayList<String>();
        corpus(name).forEach((file, input) -> note(bugs, file, hunt, hunt.take(input)));
        target.seeds().forEach(seed -> note(bugs, "a seed", hunt, hunt.take(seed)));
        int inputs = INPUTS.getOrDefault(name, 100);
        for (int i = 0; i < inputs && bugs.isEmpty(); i++) {
            note(bugs, "input " + i, hunt, hunt.step());
        }
        assertThat(bugs).isEmpty();
        assertThat(hunt.accepted()).isPositive();
        assertThat(INPUTS).containsKey(name);
    }

    private static void note(
            List<String> bugs, String what, Hunt hunt, Hunt.@org.jspecify.annotations.Nullable Found found) {
        if (found != null) {
            try {
                var file = Files.createTempFile("fuzz-", ".input");
                Files.write(file, hunt.minimized(found));
                bugs.add(what + ", kept in " + file + ": " + found.finding());
            } catch (IOException failed) {
                fail(failed);
            }
        }
    }
}
