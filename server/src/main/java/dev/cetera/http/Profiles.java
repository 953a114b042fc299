package dev.cetera.http;

import com.google.protobuf.ByteString;
import dev.cetera.http.Pages.Page;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/// `/debug/pprof/`: what a JVM has in place of Go's profiles. Every page is made on a thread of its own, as it
/// may take long. Shared.
final class Profiles implements Page {
    static final String ROOT = "/debug/pprof/";
    private static final long DEFAULT_SECONDS = 30;
    private static final long MAX_SECONDS = 300;

    private static final String INDEX = """
            <html><head><title>/debug/pprof/</title></head><body>
            <p>/debug/pprof/</p>
            <table>
            <tr><td><a href="profile?seconds=30">profile</a></td>
                <td>what the process does in the seconds to come, as a recording of the JDK Flight Recorder</td></tr>
            <tr><td><a href="goroutine?debug=2">goroutine</a></td><td>the stacks of all threads</td></tr>
            <tr><td><a href="heap?debug=1">heap</a></td>
                <td>objects by class; with gc=1 after a collection, which stops the member for a while</td></tr>
            <tr><td><a href="cmdline">cmdline</a></td><td>how the process was started</td></tr>
            </table></body></html>
            """;

    private final AtomicBoolean recording = new AtomicBoolean();

    @Override
    public void serve(Request request, Consumer<Reply> reply) {
        var _ = Thread.ofVirtual().name("profile").start(() -> reply.accept(page(request)));
    }

    private Reply page(Request request) {
        try {
            return switch (request.path().substring(ROOT.length())) {
                case "" -> Reply.of(200, "text/html; charset=utf-8", INDEX);
                case "cmdline" -> Reply.text(200, String.join("\0", commandLine()));
                case "goroutine" -> Reply.text(200, diagnose("threadPrint", "-l"));
                case "heap", "allocs" -> Reply.text(200, heap(request));
                case "profile" -> profile(request);
                default -> Reply.error(404, "Unknown profile").with("X-Go-Pprof", "1");
            };
        } catch (IOException | JMException | ParseException failed) {
            return Reply.error(500, "Could not make the profile: " + failed.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Reply.error(503, "The member is stopping");
        }
    }

    /// The program and its arguments.
    static List<String> commandLine() {
        var process = ProcessHandle.current().info();
        var words = new java.util.ArrayList<String>();
        process.command().ifPresent(words::add);
        process.arguments().ifPresent(arguments -> words.addAll(List.of(arguments)));
        return words;
    }

    private static String parameter(Request request, String name, String fallback) {
        var given = new QueryStringDecoder(request.query(), false).parameters().getOrDefault(name, List.of(fallback));
        return given.getFirst();
    }

    private static String heap(Request request) throws JMException {
        boolean collect = !parameter(request, "gc", "0").equals("0");
        return collect ? diagnose("gcClassHistogram") : diagnose("gcClassHistogram", "-all");
    }

    /// Asks the JVM as `jcmd` would.
    private static String diagnose(String command, String... arguments) throws JMException {
        var answer = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        command,
                        new Object[] {arguments},
                        new String[] {String[].class.getName()});
        return String.valueOf(answer);
    }

    private Reply profile(Request request) throws IOException, ParseException, InterruptedException {
        var asked = parameter(request, "seconds", String.valueOf(DEFAULT_SECONDS));
        if (!asked.matches("[0-9]{1,4}")) {
            return Reply.error(400, "seconds=" + asked + " is no number of seconds");
        }
        long seconds = asked.equals("0") ? DEFAULT_SECONDS : Math.min(MAX_SECONDS, Long.parseLong(asked));
        if (!recording.compareAndSet(false, true)) {
            return Reply.error(500, "Could not make the profile: another one is under way");
        }
        var file = Files.createTempFile("cetera-profile", ".jfr");
        try (var running = new Recording(Configuration.getConfiguration("profile"))) {
            running.start();
            Thread.sleep(Duration.ofSeconds(seconds));
            running.stop();
            running.dump(file);
            return new Reply(
                    200,
                    "application/octet-stream",
                    ByteString.copyFrom(Files.readAllBytes(file)),
                    Map.of("Content-Disposition", "attachment; filename=\"profile.jfr\""));
        } finally {
            recording.set(false);
            Files.delete(file);
        }
    }
}
