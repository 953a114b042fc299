package dev.cetera.lab.sim;

import dev.cetera.raft.Entry;
import dev.cetera.raft.Message;

/// Messages as a trace shows them. The text is only made when it is shown.
record Texts(Message message) {
    static Object of(Message message) {
        return new Texts(message);
    }

    /// What is the same in every run, without the text.
    @Override
    public int hashCode() {
        return Long.hashCode(message.to() * 31 + message.term())
                + message.getClass().getSimpleName().hashCode();
    }

    @Override
    public String toString() {
        return switch (message) {
            case Message.Append append ->
                "Append[term=" + append.term() + " after " + append.prevIndex() + "/" + append.prevTerm() + " entries="
                        + append.entries().stream().map(Texts::of).toList() + " commit=" + append.commit() + "]";
            case Message.Heartbeat beat ->
                "Heartbeat[term=" + beat.term() + " commit=" + beat.commit() + " context=" + beat.context().length
                        + "]";
            case Message.HeartbeatReply reply ->
                "HeartbeatReply[term=" + reply.term() + " context=" + reply.context().length + "]";
            case Message.AppendAccepted reply -> "Accepted[term=" + reply.term() + " index=" + reply.index() + "]";
            case Message.AppendRejected reply ->
                "Rejected[term=" + reply.term() + " index=" + reply.index() + " hint=" + reply.hint() + "]";
            case Message.VoteRequest request ->
                "VoteRequest[term=" + request.term() + " " + request.campaign() + " last=" + request.lastIndex() + "/"
                        + request.lastTerm() + "]";
            case Message.VoteReply reply ->
                "VoteReply[term=" + reply.term() + " " + reply.ballot() + " " + reply.granted() + "]";
            case Message.InstallSnapshot install ->
                "InstallSnapshot[term=" + install.term() + " "
                        + install.snapshot().meta() + "]";
            case Message.Propose propose -> "Propose[" + propose.payloads().size() + "]";
            case Message.ReadIndex _ -> "ReadIndex[]";
            case Message.ReadIndexReply reply -> "ReadIndexReply[index=" + reply.index() + "]";
            case Message.TransferLeader transfer -> "TransferLeader[term=" + transfer.term() + "]";
            case Message.TimeoutNow now -> "TimeoutNow[term=" + now.term() + "]";
        };
    }

    private static String of(Entry entry) {
        return entry.index() + "/" + entry.term();
    }
}
