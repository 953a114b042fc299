package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.foreign.CommandLines.Line;
import dev.cetera.lab.foreign.CommandLines.Result;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The same command lines given to etcdctl and to ceteractl, in every format: standard output, standard error
/// and exit code are the same. Debian's etcdctl is a 3.4 and ceteractl a 3.3, so some are known to differ: the
/// whole list is here, and what is on it must differ.
class CeteractlForeignTest {
    private static final List<String> FORMATS = List.of("", "json", "table", "fields", "protobuf");

    /// What changes nothing.
    private static final List<Line> READS = Line.all("""
            get a/1
            get nothing
            get a/ --prefix
            get a/1 a/3
            get a/ --prefix --limit 2
            get a/ --prefix --order DESCEND --sort-by MODIFY
            get a/ --prefix --order ASCEND --sort-by VALUE
            get a/ --prefix --sort-by VERSION --order descend
            get a/ --prefix --keys-only
            get a/2 --rev 5
            get a/2 --print-value-only
            get a/3 --from-key
            get '' --prefix
            get käse
            get bin --hex
            get a/1 --consistency s
            lease list
            member list
            endpoint health
            endpoint status
            endpoint hashkv
            endpoint hashkv --rev 6
            endpoint health --cluster
            alarm list
            alarm disarm
            user list
            user get u
            user get u --detail
            role list
            role get r
            txn""");

    /// What is refused, by the program or by the server.
    private static final List<Line> REFUSED = Line.all("""
            get a/1 --consistency=x
            get a/1 --sort-by=x
            get a/1 --order=x
            get a/1 a/2 a/3
            get a/1 --prefix --from-key
            get a/1 a/2 --prefix
            get a/1 --rev 999999
            get a/1 --rev 2
            get
            get a/1 --nosuch
            get a/1 --limit=x
            get a/1 -w bogus
            put
            put a/1 x --ignore-value
            put nothing --ignore-value
            put a/1 x --lease=123
            put a/1 x --lease=xyz
            put '' x
            del
            txn extra
            compaction
            compaction x
            compaction 1 2
            compaction 2
            compaction 99999
            lease grant
            lease grant x
            lease timetolive 1234
            lease timetolive zz
            lease timetolive
            lease revoke 1234
            lease revoke zz
            lease revoke
            lease keep-alive --once 1234
            lease keep-alive
            member add
            member add x
            member remove zz
            member remove 1234
            member update 1234
            member update 1234 --peer-urls=http://127.0.0.1:1
            member promote 1234
            move-leader
            move-leader 1234
            move-leader zz
            user get nobody
            user get
            user add
            user delete nobody
            user grant-role u nosuch
            user grant-role u
            user revoke-role u nosuch
            role get nosuch
            role add r
            role delete nosuch
            role grant-permission r bad k
            role grant-permission r
            role grant-permission nosuch read k
            role revoke-permission r nosuch
            auth enable
            auth enable x
            snapshot save
            snapshot status
            snapshot status /nosuch
            snapshot restore
            watch
            elect
            lock
            make-mirror
            nosuch
            l
            --dial-timeout=x get a/1
            --command-timeout=0s get a/1
            --cert=/nosuch get a/1
            --user=u:bad get a/1""");

    /// What is to be the same each time, when [#RESET] went before.
    private static final List<Line> WRITES = List.of(
            Line.of("put w/1 x"),
            Line.of("put w/1 x --prev-kv"),
            Line.of("put w/1 --ignore-lease y"),
            new Line("put w/1", "typed\n"),
            Line.of("del w/1"),
            Line.of("del w/1 --prev-kv"),
            Line.of("del w/ --prefix"),
            Line.of("del w/1 w/3"),
            Line.of("del nothing"),
            Line.of("lease grant 600"),
            new Line("txn", "value(\"w/1\") = \"a\"\n\nput w/1 t\nget w/ --prefix\ndel w/2\n\nput w/1 no\n\n"),
            new Line("txn", "value(\"w/1\") = \"b\"\n\nput w/1 t\n\nget w/1\nget nothing\n\n"),
            new Line("txn", "ver(\"w/1\") > \"0\"\nmod(\"w/4\") = \"0\"\n\nget w/1 w/3\n\n\n"),
            new Line("txn", "bad(\"w/1\") = \"b\"\n\n\n\n"),
            new Line("txn", "\nfoo bar\n\n\n"),
            new Line("txn", "\nput onlykey\n\n\n"));

    private static final Line RESET = new Line("txn", "\nput w/1 a\nput w/2 b\nput w/3 c\ndel w/4\n\n\n");

    private static final List<Line> PAGES = Line.all("""
            lease
            member
            endpoint
            alarm
            auth
            snapshot
            check
            help
            get --help
            put -h
            lease grant --help
            --help
            --nosuch""");

    /// @param lines with their formats
    private record Known(String lines, String reason) {}

    private static final List<Known> KNOWN = List.of(
            new Known("version", "each says its own"),
            new Known("get( -w \\w+)?", "3.4 has another text for a lack of arguments"),
            new Known("lease revoke 1234( -w \\w+)?", "3.3 ends this one with an empty line"),
            new Known("member list( -w (table|fields))?", "3.4 also shows who is a learner"),
            new Known("endpoint status( -w (table|fields))?", "3.4 shows more of the answer"),
            new Known("alarm \\w+ -w fields", "etcdctl crashes when there is no alarm"),
            new Known(
                    "member promote 1234( -w \\w+)?",
                    "3.3 has no such command; ceteractl says it without gRPC's words"));

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private final Set<Known> seen = new HashSet<>();
    private final List<String> differences = new ArrayList<>();

    private CommandLines member(Program program) throws IOException, InterruptedException {
        var member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(program);
        return new CommandLines(member.endpoint(), evidence.directory());
    }

    private static void fill(CommandLines lines) {
        for (var line : Line.all("""
                put a/1 v1
                put a/2 v2
                put a/3 v3
                put a/2 again
                put käse brie
                compaction 4
                role add r
                role grant-permission r readwrite foo
                role grant-permission r read pre/ --prefix=true
                role grant-permission r write from --from-key=true""")) {
            done(lines, line);
        }
        done(lines, new Line("put bin", "\u0000\u0001bin"));
        done(lines, new Line("user add u --interactive=false", "secret\n"));
        done(lines, Line.of("user grant-role u r"));
    }

    private static void done(CommandLines lines, Line line) {
        var result = lines.ceteractl(line);
        assertThat(result.code()).as(line + ": " + result).isZero();
    }

    @Test
    void scriptsSeeNoDifference() throws Exception {
        var lines = member(Program.underTest());
        fill(lines);
        compare(lines, Line.of("version"));
        for (var line : READS) {
            for (var format : FORMATS) {
                compare(lines, line.in(format));
            }
        }
        for (var line : REFUSED) {
            compare(lines, line);
        }
        for (var line : Line.all("get\nget a/1 --rev 2\nlease revoke 1234\nmember promote 1234\nuser get nobody")) {
            compare(lines, line.in("json"));
        }
        assertThat(differences).isEmpty();
        assertThat(seen).as("differences that there are").containsExactlyInAnyOrderElementsOf(KNOWN);
    }

    @Test
    void whatIsChangedIsToldAlike() throws Exception {
        var lines = member(Program.underTest());
        for (var line : WRITES) {
            for (var format : List.of("", "json", "table", "fields")) {
                var formatted = line.in(format);
                done(lines, RESET);
                var expected = lines.etcdctl(formatted);
                done(lines, RESET);
                judge(formatted, changed(expected, format), changed(lines.ceteractl(formatted), format));
            }
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void pagesOfHelpComeWhereEtcdctlHasThem() throws Exception {
        var lines = member(Program.underTest());
        for (var line : PAGES) {
            compare(lines, line);
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void theScriptIsThatProgram() throws Exception {
        var lines = member(Program.underTest());
        done(lines, Line.of("put käse brie"));
        var script = Path.of(Program.cetera().command().getFirst()).resolveSibling("ceteractl");
        for (var line : Line.all("version\nget käse\nget käse -w json\nget a b c")) {
            // In the C locale a JVM would take the key for something else.
            var environment = Map.of("CETERA_BUILD", "never", "LC_ALL", "C");
            assertThat(lines.process(List.of(script.toString()), environment, line))
                    .isEqualTo(lines.ceteractl(line));
        }
    }

    @Test
    void filesOfARealEtcdAreReadAlikeAndWhatIsRestoredOrDefragmentedStarts() throws Exception {
        var etcd = evidence.closing(Member.in(evidence.directory(), "origin"));
        etcd.start(Program.etcd());
        var lines = new CommandLines(etcd.endpoint(), evidence.directory());
        fill(lines);
        var theirs = evidence.directory().resolve("theirs.db");
        var ours = evidence.directory().resolve("ours.db");
        assertThat(lines.etcdctl(Line.of("snapshot save " + theirs)).code()).isZero();
        done(lines, Line.of("snapshot save " + ours));
        var keys = lines.etcdctl(Line.of("get '' --prefix"));
        etcd.terminate();

        for (var file : List.of(theirs, ours, etcd.dataDir().resolve("member/snap/db"))) {
            for (var format : FORMATS) {
                compare(lines, Line.of("snapshot status " + file).in(format));
            }
        }
        assertThat(differences).isEmpty();

        done(lines, Line.of("defrag --data-dir " + etcd.dataDir()));
        etcd.start(Program.etcd());
        assertThat(lines.etcdctl(Line.of("get '' --prefix"))).isEqualTo(keys);

        var restored = evidence.closing(Member.in(evidence.directory(), "default"));
        done(lines, Line.of("snapshot restore " + theirs + " --data-dir=" + restored.dataDir()));
        restored.start(Program.etcd());
        assertThat(new CommandLines(restored.endpoint(), evidence.directory()).etcdctl(Line.of("get '' --prefix")))
                .isEqualTo(keys);
    }

    private void compare(CommandLines lines, Line line) throws IOException, InterruptedException {
        judge(line, lines.etcdctl(line), lines.ceteractl(line));
    }

    private void judge(Line line, Result etcdctl, Result ceteractl) {
        var expected = plain(etcdctl);
        var actual = plain(ceteractl);
        if (expected.equals(actual)) {
            return;
        }
        KNOWN.stream()
                .filter(known -> Pattern.matches(known.lines(), line.words()))
                .findFirst()
                .ifPresentOrElse(
                        seen::add, () -> differences.add(line + "\netcdctl:   " + expected + "\nceteractl: " + actual));
    }

    /// Without the name of the program, how long it took, and the full stops that 3.4 took from errors. Of a
    /// page of help what it is about: 3.4 has more flags, and another order.
    private static Result plain(Result result) {
        var out = result.out().startsWith("NAME:\n")
                ? result.out().lines().limit(2).toList().toString()
                : result.out();
        return new Result(result.code(), plain(out), plain(result.err()).replaceAll("(?m)\\.$", ""));
    }

    private static String plain(String text) {
        var named = text.replace("ceteractl", "etcdctl");
        var timed = named.replaceAll("\\d+(\\.\\d+)?(ms|µs|Âµs|s)\\b", "TIME");
        // A table is as wide as its times.
        return timed.equals(named) ? named : timed.replaceAll("-{2,}| {2,}", " ");
    }

    /// With another revision each time, and other leases.
    private static Result changed(Result result, String format) {
        var out = format.isEmpty()
                ? result.out().replaceAll("[0-9a-f]{16}", "ID")
                : result.out().replaceAll("\\d+", "#");
        return new Result(result.code(), out, result.err());
    }
}
