package dev.cetera.lab.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MicroCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyHotClassHasABench() {
        assertThat(run("--list")).isZero();
        var classes = out.toString().lines().map(name -> name.substring(0, name.lastIndexOf('.')));
        assertThat(classes.distinct())
                .containsExactly(
                        "dev.cetera.apply.StateMachineBench",
                        "dev.cetera.bolt.BoltBench",
                        "dev.cetera.mvcc.KeyIndexBench",
                        "dev.cetera.mvcc.StoreBench",
                        "dev.cetera.mvcc.TailBench",
                        "dev.cetera.raft.RaftBench",
                        "dev.cetera.wal.WalBench",
                        "dev.cetera.watch.EventBench");
    }

    /// One of each kind of state that is quickly made; what they cost on a busy machine is not judged.
    @Test
    void aBenchThatRunsHasARowWithWhatItTookAndAllocated() {
        assertThat(run(
                        "--forks=0",
                        "--warm-up=0",
                        "--iterations=1",
                        "--seconds=0.01",
                        "Raft",
                        "Tail",
                        "EventBench.enc"))
                .as(err.toString())
                .isZero();
        List<String> rows = out.toString().lines().skip(1).toList();
        assertThat(rows).hasSizeGreaterThan(8);
        assertThat(rows)
                .allSatisfy(
                        row -> assertThat(row).matches("(raft|mvcc|watch)\\.\\S+Bench\\.\\S+ +[\\d,.]+ +- +[\\d,.]+"));
        assertThat(rows).anySatisfy(row -> assertThat(row).startsWith("raft.RaftBench.committedByThreeVoters "));
    }

    @Test
    void whatNoBenchIsCalledIsRefused() {
        assertThat(run("Nonsense")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).startsWith("Nonsense: expected a part of one of those that --list names");
        assertThat(run("[")).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    private int run(String... arguments) {
        return new CommandLine(new MicroCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
