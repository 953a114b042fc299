package dev.cetera.raft;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What happens in a cluster, in words. An entry is written term/index.
final class Transcript {
    private Transcript() {}

    static String stance(Status status) {
        String role = status.role().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String leader = status.role() == Role.FOLLOWER && status.leader() != 0 ? " of " + status.leader() : "";
        return status.id() + " is " + role + leader + " in term " + status.term() + ", commit " + status.commit();
    }

    static String describe(Entry entry) {
        String data = new String(entry.data(), StandardCharsets.UTF_8);
        String content = entry.type() == EntryType.NORMAL
                ? (data.isEmpty() ? "-" : '"' + data + '"')
                : data.isEmpty() ? "leave" : data;
        return entry.term() + "/" + entry.index() + " " + content;
    }

    static String describe(List<Entry> entries) {
        return entries.stream().map(Transcript::describe).collect(Collectors.joining(", ", "[", "]"));
    }

    static String describe(long member, Ready.Write write) {
        var state = write.hardState();
        var text = new StringBuilder(member + (write.sync() ? " syncs" : " writes"));
        text.append(" term ").append(state.term()).append(" vote ").append(state.vote());
        text.append(" commit ").append(state.commit());
        if (write.snapshot() != null) {
            text.append(" snapshot at ").append(write.snapshot().meta().index());
        }
        if (!write.entries().isEmpty()) {
            text.append(' ').append(describe(write.entries()));
        }
        if (!write.then().isEmpty()) {
            text.append(", then ").append(write.then().size()).append(" message(s)");
        }
        return text.toString();
    }

    static String describe(Message message) {
        String way = message.from() + "->" + message.to() + " ";
        String term = " of term " + message.term();
        return way
                + switch (message) {
                    case Message.Propose m ->
                        "propose "
                                + m.payloads().stream()
                                        .map(payload -> new String(payload.data(), StandardCharsets.UTF_8))
                                        .toList();
                    case Message.Append m ->
                        "append" + term + " after " + m.prevTerm() + "/" + m.prevIndex() + " " + describe(m.entries())
                                + " commit " + m.commit();
                    case Message.AppendAccepted m -> "accepted" + term + " to " + m.index();
                    case Message.AppendRejected m ->
                        "rejected" + term + " at " + m.index() + ", hint " + m.hintTerm() + "/" + m.hint();
                    case Message.VoteRequest m ->
                        m.campaign().name().toLowerCase(Locale.ROOT).replace('_', '-') + " request" + term
                                + ", log ends at " + m.lastTerm() + "/" + m.lastIndex();
                    case Message.VoteReply m ->
                        m.ballot().name().toLowerCase(Locale.ROOT).replace('_', '-')
                                + (m.granted() ? " granted" : " refused")
                                + term;
                    case Message.InstallSnapshot m ->
                        "snapshot" + term + " at " + m.snapshot().meta().index() + " for voters "
                                + m.snapshot().meta().conf().voters();
                    case Message.Heartbeat m -> "heartbeat" + term + " commit " + m.commit() + round(m.context());
                    case Message.HeartbeatReply m -> "alive" + term + round(m.context());
                    case Message.TransferLeader _ -> "wants to lead" + term;
                    case Message.TimeoutNow _ -> "timeout now" + term;
                    case Message.ReadIndex m -> "where to read" + round(m.context());
                    case Message.ReadIndexReply m -> "read at " + m.index() + term + round(m.context());
                };
    }

    private static String round(byte[] context) {
        return context.length == 0 ? "" : " #" + Reads.decode(context);
    }
}
