package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberAddResponse;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.cluster.BadClusterException;
import dev.cetera.cluster.PeerUrls;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.ClusterAnswers;
import dev.cetera.ctl.print.Format;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.print.GoText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Who is in the cluster.
final class MemberCommands {
    static final Command<Session> MEMBER = Command.group(
            "member <subcommand>",
            "Membership related commands",
            List.of(),
            List.of(
                    Command.of(
                            "add <memberName> [options]",
                            "Adds a member into the cluster",
                            MemberCommands::add,
                            Flag.text("peer-urls", "", "comma separated peer URLs for the new member."),
                            Flag.bool("learner", false, "indicates if the new member is raft learner")),
                    Command.of("remove <memberID>", "Removes a member from the cluster", MemberCommands::remove),
                    Command.of(
                            "update <memberID> [options]",
                            "Updates a member in the cluster",
                            MemberCommands::update,
                            Flag.text("peer-urls", "", "comma separated peer URLs for the updated member.")),
                    Command.<Session>of(
                                    "promote <memberID>",
                                    "Promotes a non-voting member in the cluster",
                                    MemberCommands::promote)
                            .telling("""
                                    Promotes a non-voting learner member to a voting one in the cluster.
                                    """),
                    Command.<Session>of("list", "Lists all members in the cluster", MemberCommands::list)
                            .telling("""
                                    When --write-out is set to simple, this command prints out comma-separated member lists for each endpoint.
                                    The items in the lists are ID, Status, Name, Peer Addrs, Client Addrs.
                                    """)));

    private MemberCommands() {}

    private static void add(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "member name not provided.");
        var urls = urls(session);
        try {
            var _ = PeerUrls.parse(urls);
        } catch (BadClusterException e) {
            throw new Failure(Exit.ERROR, e.getMessage());
        }
        var request = MemberAddRequest.newBuilder()
                .addAllPeerURLs(urls)
                .setIsLearner(session.flags().is("learner"))
                .build();
        var answer = session.order(ClusterGrpc.getMemberAddMethod(), request);
        session.print(ClusterAnswers.added(answer));
        if (session.format() == Format.SIMPLE) {
            settings(session, answer);
        }
    }

    /// How the new member is to be started.
    private static void settings(Session session, MemberAddResponse answer) {
        var name = session.word(0);
        var cluster = new ArrayList<String>();
        for (var member : answer.getMembersList()) {
            var its = member.getID() == answer.getMember().getID() ? name : member.getName();
            member.getPeerURLsList().forEach(url -> cluster.add(its + "=" + url));
        }
        session.say("");
        session.say("ETCD_NAME=" + GoText.quoted(name));
        session.say("ETCD_INITIAL_CLUSTER=" + GoText.quoted(String.join(",", cluster)));
        session.say("ETCD_INITIAL_ADVERTISE_PEER_URLS="
                + GoText.quoted(session.flags().text("peer-urls")));
        session.say("ETCD_INITIAL_CLUSTER_STATE=\"existing\"");
    }

    private static void remove(Session session) throws Failure, IOException {
        long id = id(session);
        var request = MemberRemoveRequest.newBuilder().setID(id).build();
        session.print(ClusterAnswers.removed(id, session.order(ClusterGrpc.getMemberRemoveMethod(), request)));
    }

    private static void update(Session session) throws Failure, IOException {
        long id = id(session);
        var request = MemberUpdateRequest.newBuilder()
                .setID(id)
                .addAllPeerURLs(urls(session))
                .build();
        session.print(ClusterAnswers.updated(id, session.order(ClusterGrpc.getMemberUpdateMethod(), request)));
    }

    /// Clusters before 3.4 have no learners, and say that they don't know the call.
    private static void promote(Session session) throws Failure, IOException {
        long id = id(session);
        var request = MemberPromoteRequest.newBuilder().setID(id).build();
        session.print(ClusterAnswers.promoted(id, session.order(ClusterGrpc.getMemberPromoteMethod(), request)));
    }

    private static void list(Session session) throws Failure, IOException {
        var answer = session.ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance());
        session.print(ClusterAnswers.members(answer));
    }

    private static List<String> urls(Session session) throws Failure {
        var urls = session.flags().text("peer-urls");
        session.needs(!urls.isEmpty(), "member peer urls not provided.");
        return Arrays.asList(urls.split(",", -1));
    }

    private static long id(Session session) throws Failure {
        session.needs(session.words().size() == 1, "member ID is not provided");
        try {
            return GoNumbers.parseUnsigned(session.word(0), 16);
        } catch (IllegalArgumentException e) {
            throw Failure.badArguments("bad member ID arg (" + e.getMessage() + "), expecting ID in Hex");
        }
    }
}
