package dev.cetera.node;

import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import dev.cetera.raft.Message;
import java.util.List;
import java.util.OptionalLong;

/// The way to the other members. Messages may be lost, raft sends them again; so a link drops what it can't
/// deliver soon instead of making the caller wait, and reports it through [Inbound#unreachable].
///
/// Shared: any thread may call any method, and none ever blocks.
public interface Link {
    /// Passes on raft's messages, in order for one member as far as one channel carries them. Never holds an
    /// [Message.InstallSnapshot]: those go by [#sendSnapshot].
    void send(List<Message> messages);

    /// Passes on a database and the message that announces it, and reports how that went by
    /// [Inbound#snapshotDelivered], exactly once. The link closes the source.
    void sendSnapshot(OutgoingSnapshot snapshot);

    /// Who the members are now: connections are opened to new ones, closed to removed ones, moved where URLs
    /// have changed.
    void members(Membership now);

    /// Members that this one is not told of by its own log yet; it must be able to answer them.
    void remotes(List<Member> others);

    /// Since when `member` can be reached without a break, as [Time#nanos]; empty when it can't.
    OptionalLong activeSince(long member);

    /// Of a member that is alone and stays alone.
    Link NONE = new Link() {
        @Override
        public void send(List<Message> messages) {
            throw new IllegalStateException("a message to other members, and there are none");
        }

        @Override
        public void sendSnapshot(OutgoingSnapshot snapshot) {
            throw new IllegalStateException("a snapshot for other members, and there are none");
        }

        @Override
        public void members(Membership now) {}

        @Override
        public void remotes(List<Member> others) {}

        @Override
        public OptionalLong activeSince(long member) {
            return OptionalLong.empty();
        }
    };
}
