package dev.cetera.raft;

import java.util.List;

/// What a member remembers when it starts: all of it durable.
///
/// @param snapshot the newest snapshot, [SnapshotMeta#NONE] for none; its configuration is the one to start
///     with
/// @param entries  the log after `snapshot.index`, without gaps; those after `hardState.commit` are not yet
///     committed
/// @param applied  entries up to here (or up to `snapshot.index`, if that is higher) are not handed out again;
///                 the configuration changes among them must be given to [Raft#confChanged] before anything
///                 else
public record Recovered(HardState hardState, SnapshotMeta snapshot, List<Entry> entries, long applied) {
    /// A member that knows nothing yet, as one that joins an existing cluster.
    public static final Recovered NOTHING = new Recovered(HardState.NONE, SnapshotMeta.NONE, List.of(), 0);

    public Recovered {
        entries = List.copyOf(entries);
    }
}
