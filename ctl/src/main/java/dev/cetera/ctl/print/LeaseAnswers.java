package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import java.util.List;
import java.util.stream.Collectors;

/// Answers about leases. Their JSON has the header's fields among the others, and their protobuf is the header
/// alone: so etcdctl has it.
public final class LeaseAnswers {
    private LeaseAnswers() {}

    public static Answer granted(LeaseGrantResponse answer) {
        return Answer.of(
                        answer,
                        out -> out.line("lease " + GoNumbers.lease(answer.getID()) + " granted with TTL("
                                + answer.getTTL() + "s)"))
                .withFields(out -> fields(out, answer.getHeader(), answer.getID(), answer.getTTL()))
                .withJson(() -> headed(answer.getHeader())
                        .name("ID")
                        .raw(answer.getID())
                        .name("TTL")
                        .raw(answer.getTTL())
                        .name("Error")
                        .text(answer.getError())
                        .close()
                        .toString())
                .withProtobuf(answer.getHeader()::toByteString);
    }

    public static Answer revoked(long id, LeaseRevokeResponse answer) {
        return Answer.headed(answer, answer.getHeader(), "lease " + GoNumbers.lease(id) + " revoked");
    }

    public static Answer kept(LeaseKeepAliveResponse answer) {
        return Answer.of(
                        answer,
                        out -> out.line("lease " + GoNumbers.lease(answer.getID()) + " keepalived with TTL("
                                + answer.getTTL() + ")"))
                .withFields(out -> fields(out, answer.getHeader(), answer.getID(), answer.getTTL()))
                .withJson(() -> headed(answer.getHeader())
                        .name("ID")
                        .raw(answer.getID())
                        .name("TTL")
                        .raw(answer.getTTL())
                        .close()
                        .toString())
                .withProtobuf(answer.getHeader()::toByteString);
    }

    /// Whether the keys of a lease are told.
    public enum Keys {
        HIDDEN,
        SHOWN
    }

    public static Answer timeToLive(LeaseTimeToLiveResponse answer, Keys keys) {
        return Answer.of(answer, out -> out.line(told(answer, keys)))
                .withFields(out -> {
                    fields(out, answer.getHeader(), answer.getID(), answer.getTTL());
                    out.field("GrantedTTL", answer.getGrantedTTL());
                    answer.getKeysList().forEach(key -> out.field("Key", GoText.quoted(key)));
                })
                .withJson(() -> headed(answer.getHeader())
                        .name("id")
                        .raw(answer.getID())
                        .name("ttl")
                        .raw(answer.getTTL())
                        .name("granted-ttl")
                        .raw(answer.getGrantedTTL())
                        .name("keys")
                        .raw(base64(answer.getKeysList()))
                        .close()
                        .toString())
                .withProtobuf(answer.getHeader()::toByteString);
    }

    private static String told(LeaseTimeToLiveResponse answer, Keys keys) {
        var lease = "lease " + GoNumbers.lease(answer.getID());
        if (answer.getGrantedTTL() == 0 && answer.getTTL() == -1) {
            return lease + " already expired";
        }
        var text = lease + " granted with TTL(" + answer.getGrantedTTL() + "s), remaining(" + answer.getTTL() + "s)";
        if (keys == Keys.SHOWN) {
            text += answer.getKeysList().stream()
                    .map(ByteString::toStringUtf8)
                    .collect(Collectors.joining(" ", ", attached keys([", "])"));
        }
        return text;
    }

    private static String base64(List<ByteString> all) {
        return all.isEmpty()
                ? "null"
                : all.stream()
                        .map(each -> new GoJson().base64(each).toString())
                        .collect(Collectors.joining(",", "[", "]"));
    }

    public static Answer list(LeaseLeasesResponse answer) {
        return Answer.of(answer, out -> {
                    out.line("found " + answer.getLeasesCount() + " leases");
                    answer.getLeasesList().forEach(lease -> out.line(GoNumbers.lease(lease.getID())));
                })
                .withFields(out -> {
                    Answer.header(out, answer.getHeader());
                    answer.getLeasesList().forEach(lease -> out.field("ID", lease.getID()));
                })
                .withJson(() -> headed(answer.getHeader())
                        .name("leases")
                        .raw(answer.getLeasesList().stream()
                                .map(lease -> "{\"id\":" + lease.getID() + "}")
                                .collect(Collectors.joining(",", "[", "]")))
                        .close()
                        .toString())
                .withProtobuf(answer.getHeader()::toByteString);
    }

    private static GoJson headed(ResponseHeader header) {
        return new GoJson().open().fields(header);
    }

    private static void fields(Out out, ResponseHeader header, long id, long ttl) {
        Answer.header(out, header);
        out.field("ID", id);
        out.field("TTL", ttl);
    }
}
