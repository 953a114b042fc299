package dev.cetera.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// A text file that is played on a [FakeCluster]. Lines that start with `>` are commands, lines that start
/// with `#` and empty lines are for the reader, all others are what the commands are expected to say.
///
/// | command | does |
/// |---|---|
/// | `cluster 1,2,3 [option ...]` | starts members, without those before; the options are in [Player#config] |
/// | `lead m` | has it elected, without a word |
/// | `tick m [n]`, `campaign m`, `propose m text`, `conf m +4`, `joint m +4,-1` | inputs; `joint m` leaves one |
/// | `read m id`, `transfer m to`, `compact m keep` | more of them |
/// | `work m` | lets the machine say what it wants |
/// | `persist m`, `apply m` | makes all its writes durable; applies all that is handed out |
/// | `deliver`, `drop` | all messages that are under way; `to=m` only those for one member |
/// | `settle` | all of this until nothing is left |
/// | `cut m`, `heal`, `crash m`, `restart m` | trouble |
/// | `log m` | shows the log |
record Scenario(String name, String text) {
    static List<Scenario> all() {
        try {
            var folder = Path.of(Objects.requireNonNull(Scenario.class.getResource("/scenarios"))
                    .toURI());
            try (var files = Files.list(folder)) {
                return files.sorted().map(Scenario::read).toList();
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Scenario read(Path file) {
        try {
            return new Scenario(file.getFileName().toString(), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The text as it comes out now.
    String replay() {
        var transcript = new StringBuilder();
        var player = new Player(line -> transcript.append(line).append('\n'));
        text.lines()
                .filter(line -> line.isEmpty() || line.startsWith(">") || line.startsWith("#"))
                .forEach(line -> {
                    transcript.append(line).append('\n');
                    if (line.startsWith(">")) {
                        player.play(line.substring(1).strip().split(" +"));
                    }
                });
        return transcript.toString();
    }

    /// Confined to the test's thread.
    private static final class Player {
        private FakeCluster cluster = new FakeCluster();
        private final Consumer<String> out;

        Player(Consumer<String> out) {
            this.out = out;
        }

        void play(String... words) {
            switch (words[0]) {
                case "cluster" -> found(words);
                case "deliver", "drop" -> network(words);
                case "settle" -> cluster.settle();
                case "heal" -> cluster.cut = (from, to) -> false;
                default -> play(words[0], cluster.member(Long.parseLong(words[1])), words.length > 2 ? words[2] : "");
            }
        }

        private void play(String command, FakeMember member, String argument) {
            switch (command) {
                case "tick" -> {
                    for (int n = argument.isEmpty() ? 1 : Integer.parseInt(argument); n > 0; n--) {
                        member.raft().tick();
                    }
                }
                case "campaign" -> member.raft().campaign();
                case "propose" -> say(member.raft().propose(argument.getBytes(StandardCharsets.UTF_8)));
                case "conf" -> {
                    byte[] encoded = argument.getBytes(StandardCharsets.UTF_8);
                    say(member.raft().proposeConfChange(FakeMember.decode(encoded), encoded));
                }
                case "joint" -> say(member.proposeV2(argument));
                case "read" -> {
                    cluster.checker.asked(member, Long.parseLong(argument));
                    member.raft().readIndex(Long.parseLong(argument));
                }
                case "transfer" -> member.raft().transferLeader(Long.parseLong(argument));
                case "lead" -> lead(member);
                case "compact" -> member.compact(Long.parseLong(argument));
                case "work" -> member.work();
                case "persist" -> member.persistAll();
                case "apply" -> {
                    while (member.hasWork()) {
                        member.applyOne();
                    }
                }
                case "cut" -> cluster.cut = (from, to) -> from == member.id || to == member.id;
                case "crash" -> member.crash(0, 0);
                case "restart" -> member.restart(FakeMember.StateAfterCrash.LOST, member.id);
                case "log" -> showLog(member.raft());
                default -> throw new IllegalArgumentException("unknown command " + command);
            }
            cluster.touched(member);
        }

        private void lead(FakeMember member) {
            cluster.witness = null;
            member.raft().campaign();
            cluster.settle();
            cluster.witness = out;
        }

        private void say(Proposal proposal) {
            out.accept(
                    switch (proposal) {
                        case Proposal.Accepted(long term, long index) -> "accepted as " + term + "/" + index;
                        case Proposal.Forwarded(long leader) -> "forwarded to " + leader;
                        case Proposal.Refused(var reason) -> "refused: " + reason;
                    });
        }

        private void showLog(Raft raft) {
            var line = new StringBuilder("after " + (raft.firstIndex() - 1) + ":");
            for (long index = raft.firstIndex(); index <= raft.lastIndex(); index++) {
                line.append(' ').append(raft.termAt(index)).append('/').append(index);
            }
            out.accept(line.toString());
        }

        private void found(String... words) {
            var options = Arrays.asList(words).subList(2, words.length);
            cluster = new FakeCluster();
            long[] founders = Arrays.stream(words[1].split(","))
                    .mapToLong(Long::parseLong)
                    .toArray();
            for (long id : founders) {
                cluster.add(config(id, options), founders);
            }
            number(options, "blank", blank -> cluster.add(config(blank, options)));
            cluster.settle();
            cluster.witness = out;
        }

        /// `pre-vote`, `no-check-quorum`, `heartbeat=ticks`, `inflight=n`, `message=bytes`,
        /// `uncommitted=bytes`; `blank=m` is a member that knows nothing yet.
        private static RaftConfig config(long id, List<String> options) {
            long[] limits = {512, Long.MAX_VALUE, 1 << 20, 1};
            number(options, "inflight", value -> limits[0] = value);
            number(options, "uncommitted", value -> limits[1] = value);
            number(options, "message", value -> limits[2] = value);
            number(options, "heartbeat", value -> limits[3] = value);
            return RaftConfig.defaults(id, id)
                    .withTicks(10, (int) limits[3])
                    .withPreVote(options.contains("pre-vote"))
                    .withCheckQuorum(!options.contains("no-check-quorum"))
                    .withLimits(limits[2], (int) limits[0], limits[1]);
        }

        private static void number(List<String> options, String name, LongConsumer use) {
            options.stream()
                    .filter(option -> option.startsWith(name + "="))
                    .forEach(option -> use.accept(Long.parseLong(option.substring(name.length() + 1))));
        }

        private void network(String... words) {
            long only = words.length > 1 ? Long.parseLong(words[1].substring("to=".length())) : 0;
            int position = 0;
            for (int left = cluster.inFlight.size(); left > 0; left--) {
                if (only != 0 && cluster.inFlight.get(position).to() != only) {
                    position++;
                } else if (words[0].equals("drop")) {
                    cluster.lose(position);
                } else {
                    cluster.deliver(position);
                }
            }
        }
    }
}
