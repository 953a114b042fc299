package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.foreign.CommandLines.Line;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The commands that run until they are stopped, `watch` and `make-mirror`: ceteractl and Debian's etcdctl
/// stand side by side on one member, and print and copy the same.
class StandingCommandsForeignTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final long LIMIT_SECONDS = 60;
    private static final Pattern WATCHERS = Pattern.compile("(?m)^etcd_debugging_mvcc_watcher_total (\\d+)");

    /// What each of [#WATCHES] but those of the past sees last.
    private static final String LAST = "last";

    /// A command that runs until it is stopped.
    ///
    /// @param words with blanks between them; a `+` is a blank within one
    /// @param typed nothing if it is empty
    private record Form(String words, String typed, Map<String, String> environment) {
        static Form of(String words) {
            return new Form(words, "", Map.of());
        }

        Form typing(String line) {
            return new Form(words, line, environment);
        }

        Form in(Map<String, String> more) {
            return new Form(words, typed, more);
        }
    }

    private static final List<Form> WATCHES = List.of(
            Form.of("watch w/1"),
            Form.of("watch w/1 -w json"),
            Form.of("watch w/1 -w fields"),
            Form.of("watch w/1 w/3"),
            Form.of("watch w/ --prefix"),
            Form.of("watch w/ --prefix --prev-kv"),
            Form.of("watch w/ --prefix --prev-kv -w json"),
            Form.of("watch w/ --prefix --prev-kv -w fields"),
            Form.of("watch w/1 --rev 3 --prev-kv"),
            Form.of("watch --rev=2 w/ --prefix -w json"),
            Form.of("watch w/ --prefix --hex"),
            Form.of("watch w/1 -- echo seen"),
            Form.of("watch w/1 w/3 --prev-kv -- sh -c env+|+grep+^ETCD_WATCH+|+sort"),
            Form.of("watch").in(Map.of("ETCDCTL_WATCH_KEY", "w/1")),
            Form.of("watch -w json").in(Map.of("ETCDCTL_WATCH_KEY", "w/1", "ETCDCTL_WATCH_RANGE_END", "w/3")),
            Form.of("watch --prefix -- echo seen").in(Map.of("ETCDCTL_WATCH_KEY", "w/")),
            Form.of("watch -i").typing("watch w/1"),
            Form.of("watch -i").typing("watch w/ --prefix --prev-kv"),
            Form.of("watch -i -w json").typing("watch --rev=3 w/1 w/3"),
            Form.of("watch -i").typing("watch w/1 -- echo seen"),
            Form.of("watch -i").typing("watch").in(Map.of("ETCDCTL_WATCH_KEY", "w/1")));

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Member member(String name) throws IOException, InterruptedException {
        return evidence.closing(Member.in(evidence.directory(), name)).start(Program.underTest());
    }

    private CommandLines lines(Member member) {
        return new CommandLines(member.endpoint(), evidence.directory());
    }

    private static void done(CommandLines lines, String... words) {
        for (var each : words) {
            var result = lines.ceteractl(Line.of(each));
            assertThat(result.code()).as(each + ": " + result).isZero();
        }
    }

    private static List<String> etcdctl() {
        return List.of("etcdctl");
    }

    private static List<String> ceteractl() {
        var server = Path.of(Program.cetera().command().getFirst());
        return List.of(server.resolveSibling("ceteractl").toString());
    }

    /// A command that runs until the test ends, with what it has printed so far.
    private record Standing(Form form, Process process, Path out, Path err) implements AutoCloseable {
        String printed() throws IOException {
            return Files.readString(out, StandardCharsets.ISO_8859_1);
        }

        String complained() throws IOException {
            return Files.readString(err, StandardCharsets.UTF_8).replaceAll("(?m)^\\{\"level\":.*\\R", "");
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Standing start(Member member, List<String> program, Form form) throws IOException {
        var command = new ArrayList<>(program);
        command.add("--endpoints=" + member.endpoint());
        Arrays.stream(form.words().split(" ", -1))
                .map(word -> word.replace('+', ' '))
                .forEach(command::add);
        var out = Files.createTempFile(evidence.directory(), "standing-", ".out");
        var err = Files.createTempFile(evidence.directory(), "standing-", ".err");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(Map.of("ETCDCTL_API", "3", "CETERA_BUILD", "never"));
        builder.environment().putAll(form.environment());
        var started = evidence.closing(new Standing(form, builder.start(), out, err));
        if (!form.typed().isEmpty()) {
            // Left open: at the end of the input an interactive watch ends.
            var in = started.process().getOutputStream();
            in.write((form.typed() + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        }
        return started;
    }

    private static int watchers(Member member) throws IOException, InterruptedException {
        var found = WATCHERS.matcher(member.get("/metrics").body());
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    @Test
    void everyFormOfWatchPrintsTheSame() throws Exception {
        var member = member("solo");
        var lines = lines(member);
        done(lines, "put w/1 a", "put w/2 b", "del w/1");
        var theirs = new ArrayList<Standing>();
        var ours = new ArrayList<Standing>();
        for (var form : WATCHES) {
            theirs.add(start(member, etcdctl(), form));
            ours.add(start(member, ceteractl(), form));
        }
        Await.await("watchers", SOON, () -> watchers(member) == 2 * WATCHES.size());
        done(lines, "put w/1 one", "put w/1 two", "put w/2 three", "put w/2 bin\u0001\"q\"", "del w/2", "put v no");
        assertThat(lines.ceteractl(new Line("txn", "\nput w/2 x\nput w/9 y\n\n\n"))
                        .code())
                .isZero();
        done(lines, "put w/1 " + LAST);

        for (int i = 0; i < WATCHES.size(); i++) {
            var expected = theirs.get(i);
            var actual = ours.get(i);
            var name = WATCHES.get(i).toString();
            Await.await(name, SOON, () -> complete(expected) && complete(actual));
            // A program that was started may still be printing what the last event made it print.
            Await.await(
                    name + ":\n" + expected.printed() + "\n" + actual.printed(),
                    SOON,
                    () -> expected.printed().equals(actual.printed()));
            assertThat(actual.complained()).as(name).isEqualTo(expected.complained());
            assertThat(actual.process().isAlive()).isTrue();
        }
    }

    /// In JSON values are in base 64, and with `--hex` in another way.
    private static boolean complete(Standing watch) throws IOException {
        var printed = watch.printed();
        return printed.contains(LAST) || printed.contains("bGFzdA==") || printed.contains("\\x6c\\x61\\x73\\x74");
    }

    @Test
    void aWatchOfHistoryThatIsGoneEndsAlike() throws Exception {
        var member = member("solo");
        var lines = lines(member);
        done(lines, "put w/1 a", "put w/1 b", "put w/1 c", "compaction 4");
        for (var format : List.of("", "json", "fields")) {
            var line = Line.of("watch w/1 --rev 2").in(format);
            var theirs = lines.etcdctl(line);
            assertThat(lines.ceteractl(line)).as(line.words()).isEqualTo(theirs);
            assertThat(theirs.err()).contains("required revision has been compacted");
        }
    }

    /// And nothing is said of the watches that end with it.
    @Test
    void anInteractiveWatchEndsWithItsInput() throws Exception {
        var lines = lines(member("solo"));
        for (var format : List.of("", "json")) {
            var line = new Line("watch -i", "watch w/1\nwatch w/ --prefix\n").in(format);
            assertThat(lines.ceteractl(line)).isEqualTo(lines.etcdctl(line));
        }
    }

    private static Standing ended(Standing command) throws InterruptedException {
        assertThat(command.process().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as(command.form().words())
                .isTrue();
        return command;
    }

    /// A program that a watch starts and that fails ends the watch.
    @Test
    void aWatchEndsAsWhatItStartedFails() throws Exception {
        var member = member("solo");
        for (var line : List.of(
                "watch w/1 -- false",
                "watch w/1 -- sh -c kill+-9+$$",
                "watch w/1 -- nosuchprogram a",
                "watch w/1 -- /nosuch/program")) {
            var before = watchers(member);
            var theirs = start(member, etcdctl(), Form.of(line));
            var ours = start(member, ceteractl(), Form.of(line));
            Await.await("two watchers", SOON, () -> watchers(member) == before + 2);
            done(lines(member), "put w/1 a");
            assertThat(ended(ours).process().exitValue())
                    .as(line)
                    .isEqualTo(ended(theirs).process().exitValue());
            assertThat(ours.printed()).isEqualTo(theirs.printed());
            assertThat(ours.complained()).isEqualTo(theirs.complained());
            Await.await("no watcher", SOON, () -> watchers(member) == 0);
        }
    }

    @Test
    void aMirrorHasWhatThereWasAndEveryChangeAndNothingElse() throws Exception {
        var source = member("source");
        var destination = member("destination");
        var from = lines(source);
        var to = lines(destination);
        for (int i = 0; i < 30; i++) {
            done(from, "put m/" + i + " " + i);
        }
        done(from, "put other x", "put m/1 again", "del m/2");
        done(to, "put theirs/stays y", "put ours/stays y", "put gone z");
        var address = " " + destination.endpoint();
        start(source, etcdctl(), Form.of("make-mirror --prefix m/ --dest-prefix theirs/" + address));
        start(source, ceteractl(), Form.of("make-mirror --prefix m/ --dest-prefix ours/" + address));
        start(source, ceteractl(), Form.of("make-mirror --prefix m/ --no-dest-prefix" + address));
        start(source, ceteractl(), Form.of("make-mirror --prefix m/" + address));
        Await.await("mirrors", SOON, () -> watchers(source) == 4);
        done(from, "put m/3 changed", "del m/4", "put m/5 x", "del m/5", "put other y");
        assertThat(from.ceteractl(new Line("txn", "\nput m/6 t\ndel m/7\nput m/new n\n\n\n"))
                        .code())
                .isZero();
        done(from, "del m/10 m/12", "put m/" + LAST + " z");

        var wanted = pairs(from, "m/", "m/");
        assertThat(wanted).hasSize(26).containsEntry("new", "n").containsEntry("1", "again");
        Await.await(
                "the last change",
                SOON,
                () -> pairs(to, "m/", "m/").containsKey(LAST)
                        && pairs(to, LAST, "").containsKey(LAST)
                        && pairs(to, "ours/", "ours/").containsKey(LAST)
                        && pairs(to, "theirs/", "theirs/").containsKey(LAST));
        var all = new TreeMap<String, String>();
        all.put("gone", "z");
        all.put("ours/stays", "y");
        all.put("theirs/stays", "y");
        wanted.forEach((key, value) -> {
            all.put(key, value);
            List.of("m/", "ours/", "theirs/").forEach(prefix -> all.put(prefix + key, value));
        });
        assertThat(pairs(to, "''", "")).isEqualTo(all);
    }

    /// @param cut what keys begin with, which is left out
    private static Map<String, String> pairs(CommandLines lines, String prefix, String cut) {
        var result = lines.ceteractl(Line.of("get " + prefix + " --prefix"));
        assertThat(result.code()).isZero();
        var found = new TreeMap<String, String>();
        var words = result.out().lines().toList();
        for (int i = 0; i < words.size(); i += 2) {
            found.put(words.get(i).substring(cut.length()), words.get(i + 1));
        }
        return found;
    }
}
