package dev.cetera.lab.load;

import dev.cetera.lab.cluster.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import picocli.CommandLine;

/// Runs the lab's commands as `bin/lab` does, but for what they print.
final class Commands {
    private static final Pattern NUMBER = Pattern.compile("-?[\\d,]*\\d(\\.\\d+)?");

    /// @param code as the process would exit with
    record Told(int code, String out, String err) {}

    private Commands() {}

    /// "cetera" is what the tests try.
    static Contenders contenders() {
        return new Contenders(name -> name.equals("cetera") ? Program.underTest() : Program.named(name));
    }

    static Told run(Object command, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Told(code, out.toString(), err.toString());
    }

    /// The numbers in a row of a table.
    static List<Double> numbers(String cells) {
        return NUMBER.matcher(cells)
                .results()
                .map(MatchResult::group)
                .map(number -> Double.valueOf(number.replace(",", "")))
                .toList();
    }
}
