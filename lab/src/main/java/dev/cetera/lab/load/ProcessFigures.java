package dev.cetera.lab.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the Linux kernel counts of one process.
///
/// @param cpuNanos time on a processor since the process began, in its own code and in the kernel for it
/// @param peakBytes most memory that was resident at once since [#forgetPeak]
record ProcessFigures(long cpuNanos, long residentBytes, long peakBytes) {
    /// The kernel counts a hundred ticks a second towards programs, whatever its own clock does.
    private static final long NANOS_PER_TICK = 10_000_000;

    /// Fields of /proc/PID/stat after the program's name, which ends with the last parenthesis.
    private static final int UTIME = 11;

    private static final int STIME = 12;

    static ProcessFigures of(long pid) throws IOException {
        Path proc = Path.of("/proc", Long.toString(pid));
        String stat = Files.readString(proc.resolve("stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        long ticks = Long.parseLong(fields.get(UTIME)) + Long.parseLong(fields.get(STIME));
        long resident = 0;
        long peak = 0;
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith("VmRSS:")) {
                resident = kibibytes(line);
            } else if (line.startsWith("VmHWM:")) {
                peak = kibibytes(line);
            }
        }
        return new ProcessFigures(ticks * NANOS_PER_TICK, resident, peak);
    }

    /// The sums of several; peaks need not have been at the same moment.
    static ProcessFigures ofAll(List<Long> pids) throws IOException {
        var sum = new ProcessFigures(0, 0, 0);
        for (long pid : pids) {
            ProcessFigures one = of(pid);
            sum = new ProcessFigures(
                    sum.cpuNanos + one.cpuNanos, sum.residentBytes + one.residentBytes, sum.peakBytes + one.peakBytes);
        }
        return sum;
    }

    /// The next peak is that from now on. Refused for a process of somebody else: then it is that of its whole
    /// life.
    static void forgetPeak(long pid) throws IOException {
        Path switchboard = Path.of("/proc", Long.toString(pid), "clear_refs");
        if (Files.isWritable(switchboard)) {
            Files.writeString(switchboard, "5");
        }
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D+", "")) * 1024;
    }
}
