package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cetera.config.CommandLine;
import dev.cetera.config.CommandLine.Outcome;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// The command line, the environment and the configuration file: flags, and what is in them by Go's rules.
final class FlagTargets {
    private static final List<String> WORDS = List.of(
            "1h30m",
            "-1ms",
            "1.5s",
            ".s",
            "9223372036854775807ns",
            "9223372036854775808ns",
            "99999999999999999999h",
            "0x_1",
            "0b",
            "1__0",
            "-0",
            "+9223372036854775807",
            "18446744073709551615",
            "true",
            "T",
            "http://[::1]:2379",
            "http://[::1%25lo]:2379",
            "https://:0",
            "unix://a:b",
            "http://h:99999",
            "http://h:-1,http://h:2",
            "a=http://h:1,b=http://h:2",
            "=,=",
            "\u0660",
            "İ",
            "%",
            "",
            ",");

    private FlagTargets() {}

    /// A line for each argument; lines that begin with `ETCD_` are variables.
    static FuzzTarget flags() {
        var first = """
                --name=m1
                --data-dir
                /d
                --listen-client-urls
                http://0.0.0.0:2379,http://[::1]:2379
                --advertise-client-urls=http://h:2379
                -debug
                ETCD_HEARTBEAT_INTERVAL=100
                --election-timeout=1000
                --grpc-keepalive-min-time=5s
                --quota-backend-bytes=-1""";
        var second = """
                --initial-cluster=m1=http://h:2380,m2=http://i:2380
                --name=m1
                --initial-advertise-peer-urls=http://h:2380
                --initial-cluster-state=existing
                --auto-compaction-retention=0
                --auto-compaction-mode=periodic
                --max-txn-ops=0x80
                --experimental-corrupt-check-time=1h2m3.5s
                --log-package-levels=etcdserver=DEBUG
                ETCD_SNAPSHOT_COUNT=10000
                ETCD_STRICT_RECONFIG_CHECK=f
                --metrics=extensive""";
        var seeds = List.of(first.getBytes(UTF_8), second.getBytes(UTF_8));
        return FuzzTarget.of("flags", seeds, Set.of(), input -> {
                    var arguments = new ArrayList<String>();
                    var environment = new HashMap<String, String>();
                    for (var line : new String(input, UTF_8).split("\n", -1)) {
                        int equals = line.indexOf('=');
                        if (line.startsWith("ETCD_") && equals > 0) {
                            environment.put(line.substring(0, equals), line.substring(equals + 1));
                        } else {
                            arguments.add(line);
                        }
                    }
                    return shape(CommandLine.read(arguments, environment));
                })
                .with(FlagTargets::word, FlagTargets::word, FlagTargets::line);
    }

    /// A configuration file, in YAML or JSON.
    static FuzzTarget file() {
        var yaml = """
                name: m1
                data-dir: /d
                listen-client-urls: http://0.0.0.0:2379,http://[::1]:2379
                advertise-client-urls: http://h:2379
                heartbeat-interval: 100
                election-timeout: 1000
                auto-compaction-mode: periodic
                auto-compaction-retention: "24h"
                grpc-keepalive-min-time: 5000000000
                client-transport-security:
                  client-cert-auth: true
                  cert-file: &c a.pem
                  key-file: *c
                cipher-suites: [TLS_A, TLS_B]
                debug: yes""";
        var json = """
                {"name": "m1", "initial-cluster": "m1=http://h:2380", "initial-advertise-peer-urls": "http://h:2380",
                 "snapshot-count": 1e4, "force-new-cluster": false, "peer-transport-security": {"auto-tls": true},
                 "quota-backend-bytes": -1, "proxy": "off", "log-output": null}""";
        return FuzzTarget.of("config-file", List.of(yaml.getBytes(UTF_8), json.getBytes(UTF_8)), Set.of(), input -> {
                    var file = Files.createTempFile("settings", ".yml");
                    try {
                        Files.write(file, input);
                        return shape(CommandLine.read(List.of("--config-file", file.toString()), Map.of()));
                    } finally {
                        Files.delete(file);
                    }
                })
                .with(FlagTargets::word, FlagTargets::line);
    }

    private static String shape(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Run run -> "run, notes " + Math.min(3, run.notes().size());
            case Outcome.Print _ -> "print";
            case Outcome.Unreadable(var message, var _) -> "unreadable " + words(message);
            case Outcome.Contradiction(var message, var _, var _) -> "contradiction " + words(message);
            case Outcome.Fatal(var _, var message, int _, var _) -> "fatal " + words(message);
        };
    }

    private static String words(String message) {
        return message.replaceAll("\".*|[^a-z ].*", "");
    }

    /// One value or part of a value becomes another word.
    private static byte[] word(byte[] input, Random random) {
        var lines = new ArrayList<>(List.of(new String(input, UTF_8).split("\n", -1)));
        int at = random.nextInt(lines.size());
        var parts = lines.get(at).split("(?<=[=,:.])", -1);
        parts[random.nextInt(parts.length)] = WORDS.get(random.nextInt(WORDS.size()));
        lines.set(at, String.join("", parts));
        return String.join("\n", lines).getBytes(UTF_8);
    }

    private static byte[] line(byte[] input, Random random) {
        var lines = new ArrayList<>(List.of(new String(input, UTF_8).split("\n", -1)));
        int at = random.nextInt(lines.size());
        switch (random.nextInt(3)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size() + 1), lines.get(at));
            default ->
                lines.set(at, "ETCD_" + lines.get(at).replaceFirst("^-+", "").replace('-', '_'));
        }
        return String.join("\n", lines).getBytes(UTF_8);
    }
}
