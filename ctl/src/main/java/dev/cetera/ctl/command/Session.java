package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.client.Client;
import dev.cetera.client.EtcdException;
import dev.cetera.client.transport.Repeat;
import dev.cetera.ctl.line.CommandLine;
import dev.cetera.ctl.line.Flags;
import dev.cetera.ctl.print.Answer;
import dev.cetera.ctl.print.Format;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.print.Out;
import dev.cetera.ctl.print.ProgressBar;
import dev.cetera.ctl.rpc.Diagnosis;
import dev.cetera.ctl.rpc.Rpc;
import dev.cetera.ctl.rpc.RpcException;
import dev.cetera.ctl.rpc.Target;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// One run of one command: its words and flags, the terminal, and connections, which end with it. Confined to
/// the thread that runs the command.
public final class Session implements AutoCloseable {
    private static final DateTimeFormatter LOGGED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    /// What errors say when no member answered.
    private static final List<String> UNANSWERED = List.of("context deadline exceeded", "unhealthy cluster");

    private final CommandLine<Session> line;
    private final List<String> arguments;
    private final Terminal terminal;
    private final List<Runnable> open = new ArrayList<>();
    private final Set<Target> targets = new LinkedHashSet<>();
    private @Nullable Rpc rpc;
    private @Nullable Target target;

    /// A run of the line's command.
    ///
    /// @param arguments the line before it was read
    public Session(CommandLine<Session> line, List<String> arguments, Terminal terminal) {
        this.line = line;
        this.arguments = List.copyOf(arguments);
        this.terminal = terminal;
    }

    Flags flags() {
        return line.flags();
    }

    List<String> words() {
        return line.words();
    }

    String word(int index) {
        return line.words().get(index);
    }

    CommandLine<Session> line() {
        return line;
    }

    List<String> arguments() {
        return arguments;
    }

    Terminal terminal() {
        return terminal;
    }

    Passwords passwords() {
        return new Passwords(terminal);
    }

    /// How long short commands may take.
    Duration timeout() {
        return flags().duration("command-timeout");
    }

    Format format() throws Failure {
        return Format.named(flags().text("write-out"))
                .orElseThrow(() -> new Failure(Exit.BAD_FEATURE, "unsupported output format"));
    }

    Out out() {
        var bytes = flags().is("hex") ? Out.Bytes.HEX : Out.Bytes.RAW;
        return new Out(terminal.out(), bytes, Out.Pairs.KEYS_AND_VALUES);
    }

    void say(String line) {
        terminal.out().println(line);
    }

    void complain(String line) {
        terminal.out().flush();
        terminal.err().println(line);
    }

    /// A bar for something long, for who looks on: there is none if the output is no terminal.
    ///
    /// @param unit how amounts are written
    Progress progress(ProgressBar.Appears when, long total, LongFunction<String> unit) {
        if (terminal.console().get().isEmpty()) {
            return Progress.UNSEEN;
        }
        var bar = new ProgressBar(terminal.out(), terminal.width().getAsInt(), when, total, unit);
        return new Progress() {
            @Override
            public void add(long more) {
                bar.add(more);
            }

            @Override
            public void close() {
                bar.close();
            }
        };
    }

    /// A line on the error stream as members log; only people read it.
    void log(String text) {
        complain(LOGGED.format(LocalDateTime.now(ZoneId.systemDefault())) + " I | " + text);
    }

    void print(Answer answer) throws Failure {
        print(answer, out());
    }

    void print(Answer answer, Out out) throws Failure {
        try {
            answer.print(format(), out);
        } catch (Answer.UnsupportedFormatException e) {
            throw new Failure(Exit.BAD_FEATURE, e.getMessage());
        }
    }

    // ---- the cluster ----

    Target target() throws Failure, IOException {
        if (target == null) {
            if (flags().is("debug")) {
                GlobalFlags.told(flags()).forEach(terminal.err()::println);
            }
            target = GlobalFlags.target(flags(), passwords());
            targets.add(target);
            if (target.endpoints().isEmpty()) {
                throw new Failure(Exit.BAD_CONNECTION, "etcdclient: no available endpoints");
            }
            // What can't be printed is not asked for.
            var _ = format();
        }
        return target;
    }

    /// The cluster that the flags name.
    Rpc rpc() throws Failure, IOException {
        if (rpc == null) {
            rpc = connect(target());
        }
        return rpc;
    }

    /// Another connection; it too ends with this.
    Rpc connect(Target to) throws Failure {
        try {
            var made = Rpc.to(to);
            open.add(made::close);
            return made;
        } catch (RpcException e) {
            throw new Failure(Exit.BAD_CONNECTION, e.getMessage());
        } catch (IllegalArgumentException e) {
            throw Failure.badArguments(String.valueOf(e.getMessage()));
        }
    }

    /// The client that knows watches, leases and locks, for the same cluster.
    Client client() throws Failure, IOException {
        return client(target());
    }

    /// Another client; it too ends with this.
    Client client(Target to) throws Failure {
        targets.add(to);
        try {
            var made = to.client();
            open.add(made::close);
            return made;
        } catch (EtcdException e) {
            throw new Failure(Exit.BAD_CONNECTION, RpcException.told(e));
        } catch (IllegalArgumentException e) {
            throw Failure.badArguments(String.valueOf(e.getMessage()));
        }
    }

    /// Why endpoints can't be reached, a line each, for a run that failed because it got no answer.
    public List<String> troubles(Failure failure) throws InterruptedException {
        var message = String.valueOf(failure.getMessage());
        if (UNANSWERED.stream().noneMatch(message::contains)) {
            return List.of();
        }
        var found = new ConcurrentSkipListSet<String>();
        var threads = new ArrayList<Thread>();
        for (var each : targets) {
            for (var endpoint : each.endpoints()) {
                threads.add(Thread.ofVirtual()
                        .name("diagnosis")
                        .start(() -> Diagnosis.of(endpoint, each.encryption()).ifPresent(found::add)));
            }
        }
        for (var thread : threads) {
            thread.join();
        }
        return List.copyOf(found);
    }

    /// Done when the run ends.
    void atEnd(Runnable last) {
        open.add(last);
    }

    /// Asks for what may be asked twice.
    <Q, A> A ask(MethodDescriptor<Q, A> method, Q request) throws Failure, IOException {
        return call(method, request, Repeat.ALWAYS, timeout(), Exit.ERROR);
    }

    /// Has something done, not twice.
    <Q, A> A order(MethodDescriptor<Q, A> method, Q request) throws Failure, IOException {
        return call(method, request, Repeat.IF_NOT_SENT, timeout(), Exit.ERROR);
    }

    /// @param timeout null for none
    /// @param ifFails how the program ends if it fails
    <Q, A> A call(MethodDescriptor<Q, A> method, Q request, Repeat repeat, @Nullable Duration timeout, Exit ifFails)
            throws Failure, IOException {
        try {
            return rpc().call(method, request, repeat, timeout);
        } catch (RpcException e) {
            throw new Failure(ifFails, e.getMessage());
        }
    }

    // ---- arguments ----

    void needs(boolean condition, String otherwise) throws Failure {
        if (!condition) {
            throw Failure.badArguments(otherwise);
        }
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static long number(String text, Exit exit, String before, String after, int radix) throws Failure {
        try {
            return GoNumbers.parseLong(text, radix);
        } catch (IllegalArgumentException e) {
            throw new Failure(exit, before + e.getMessage() + after);
        }
    }

    @Override
    public void close() {
        terminal.out().flush();
        open.reversed().forEach(Runnable::run);
        open.clear();
    }
}
