package dev.cetera.node;

import dev.cetera.cluster.Membership;
import dev.cetera.raft.Message;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// What a [Link] delivers to a member. Shared: any thread; nothing blocks but what says so.
public interface Inbound {
    long memberId();

    long clusterId();

    /// As of the last applied entry: who may speak, and who was removed.
    Membership membership();

    /// A message from another member, well-formed by its codec. False when it was not taken: the queue is
    /// full, or the message makes no sense here (for somebody else, from a removed member). Raft copes with
    /// the loss.
    boolean receive(Message message);

    /// A message to `member` was lost, or it can't be reached.
    void unreachable(long member);

    /// How [Link#sendSnapshot] went.
    void snapshotDelivered(long member, boolean arrived);

    /// A database begins to arrive. May block on the disk, as may the inlet.
    ///
    /// @throws IOException when there is no room or the disk fails; the member goes on
    SnapshotInlet receiveSnapshot(Message.InstallSnapshot message) throws IOException;

    /// Another member says that this one was removed for good: the member stops.
    void removed();

    /// Where the bytes of one arriving database go. Confined to one thread at a time.
    interface SnapshotInlet extends Closeable {
        void write(ByteBuffer piece) throws IOException;

        /// All bytes were written: verifies the file, makes it durable under its final name and hands the
        /// message to raft. Only after this may the sender be told that it arrived.
        ///
        /// @throws IOException when the file is no backend at that position, with the reason for the sender
        void finish() throws IOException;

        /// Gives up what was not finished. Idempotent.
        @Override
        void close() throws IOException;
    }
}
