package dev.cetera.node;

import java.util.List;
import java.util.function.Consumer;

/// The four loops of a member; each may put something into the inbox of any other. Shared.
final class Loops {
    private final Loop<RaftLoop.Input> raft;
    private final Loop<WalWriter.Task> wal;
    private final Loop<Applier.Task> apply;
    private final Loop<Committer.Task> bolt;

    /// @param fatal told what escapes from any of them
    Loops(Consumer<Throwable> fatal) {
        raft = new Loop<>("raft", fatal);
        wal = new Loop<>("wal", fatal);
        apply = new Loop<>("apply", fatal);
        bolt = new Loop<>("bolt", fatal);
    }

    /// Who works in them; called once, before anything turns.
    void connect(RaftLoop raftLoop, WalWriter walWriter, Applier applier, Committer committer) {
        raft.does(raftLoop);
        wal.does(walWriter);
        apply.does(applier);
        bolt.does(committer);
    }

    void raft(RaftLoop.Input input) {
        raft.offer(input);
    }

    void wal(WalWriter.Task task) {
        wal.offer(task);
    }

    void apply(Applier.Task task) {
        apply.offer(task);
    }

    void bolt(Committer.Task task) {
        bolt.offer(task);
    }

    /// In the order of a request's way through them.
    List<Loop<?>> all() {
        return List.of(raft, wal, apply, bolt);
    }

    boolean turn(Engine.Stage stage) throws Exception {
        return switch (stage) {
            case RAFT -> raft.turn();
            case WAL -> wal.turn();
            case APPLY -> apply.turn();
            case BOLT -> bolt.turn();
        };
    }
}
