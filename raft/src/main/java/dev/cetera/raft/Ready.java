package dev.cetera.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the machine asks of the world. Nothing to do is an empty list. Immutable: the lists never change
/// again, so they may go to other threads.
///
/// @param send  may leave at once, before anything of `write` is durable
/// @param write to be made durable; writes are worked off in the order in which they were handed out
/// @param apply committed and durable here, in order, each handed out once and never taken back
/// @param reads answers to [Raft#readIndex]
public record Ready(List<Message> send, @Nullable Write write, List<Entry> apply, List<ReadState> reads) {
    /// Votes and acknowledgements wait for the disk: no message in `then` may leave before this write *and all
    /// earlier ones* are durable. [Raft#persisted] is then told.
    ///
    /// @param hardState as it is now, changed or not; if a crash tears it from the entries, the entries must
    ///                  be the part that survives
    /// @param entries   go on the log at the index of the first one; whatever stood from there on is void
    /// @param snapshot  replaces all of the log before `entries`, and the state; its index is then reported by
    ///                  [Raft#applied] like that of an entry
    /// @param then      messages that wait for it
    /// @param done      the receipt to hand back
    /// @param sync      false when no promise breaks should this write vanish: only `commit` moved
    public record Write(
            HardState hardState,
            List<Entry> entries,
            @Nullable Snapshot snapshot,
            List<Message> then,
            Persisted done,
            boolean sync) {}
}
