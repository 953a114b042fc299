package dev.cetera.lab.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Rounds, one after the other, until the time is over or a promise is broken. Each [Round] has a cluster of
/// its own and a seed of its own: the one after that of the round before.
///
/// Confined to the thread that runs it, but for [#status].
public final class Campaign {
    private final Settings settings;
    private final Consumer<String> say;
    private final long beginNanos = System.nanoTime();
    private volatile Tale tale = Tale.NONE;
    private volatile String now = "";

    private Campaign(Settings settings, Consumer<String> say) {
        this.settings = settings;
        this.say = say;
    }

    /// Runs to the end and gives back a table of what was seen; or throws an [AssertionError] that says which
    /// promise was broken, and where what shows it is. `progress` is told lines that are worth reading.
    public static String run(Settings settings, Consumer<String> progress) throws IOException, InterruptedException {
        return new Campaign(settings, progress).run();
    }

    /// The same, shown on a terminal.
    static String run(Settings settings, Progress progress) throws IOException, InterruptedException {
        var campaign = new Campaign(settings, progress::say);
        progress.show(campaign::status);
        return campaign.run();
    }

    private String run() throws IOException, InterruptedException {
        for (int i = 0;
                i == 0 || System.nanoTime() - beginNanos < settings.length().toNanos();
                i++) {
            long seed = settings.seed() + i;
            Path directory = Files.createDirectories(settings.directory().resolve("round-" + seed));
            say.accept("round " + (i + 1) + ", seed " + seed);
            Tale seen;
            try {
                seen = Round.run(settings, seed, directory, say, line -> now = line);
            } catch (AssertionError broken) {
                throw new AssertionError(
                        "a promise was broken in round " + (i + 1) + ": " + broken.getMessage()
                                + "\nwhat shows it is in " + directory + "; to try it again: " + settings.again(seed),
                        broken);
            }
            tale = tale.plus(seen);
            if (settings.leavings() == Settings.Leavings.DELETED) {
                deleteTree(directory);
            }
        }
        return Report.of(tale);
    }

    private String status() {
        long seconds = (System.nanoTime() - beginNanos) / 1_000_000_000;
        return String.format("%3d:%02d  %d rounds done  %s", seconds / 60, seconds % 60, tale.rounds(), now);
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
