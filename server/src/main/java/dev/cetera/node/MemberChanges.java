package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Member;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberAddResponse;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteResponse;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveResponse;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateResponse;
import dev.cetera.cluster.BadClusterException;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.cluster.Membership;
import dev.cetera.cluster.MembershipRefusal;
import dev.cetera.cluster.PeerUrls;
import dev.cetera.config.Clustering.Caution;
import dev.cetera.raft.ConfChange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Changes of the membership that operators ask for: looked at here, then proposed, then judged once more by
/// every member alike when they are applied.
///
/// Shared: any thread may call any method, none blocks.
final class MemberChanges {
    private final Engine engine;
    private final MemberConfig config;
    private final Link link;
    private final Time time;

    MemberChanges(Engine engine, MemberConfig config, Link link, Time time) {
        this.engine = engine;
        this.config = config;
        this.link = link;
        this.time = time;
    }

    static List<Member> list(Membership now) {
        return now.members().stream().map(MemberChanges::message).toList();
    }

    private static Member message(dev.cetera.cluster.Member member) {
        return Member.newBuilder()
                .setID(member.id())
                .setName(member.name())
                .addAllPeerURLs(member.peerUrls())
                .addAllClientURLs(member.clientUrls())
                .setIsLearner(member.learner())
                .build();
    }

    void add(MemberAddRequest request, Answer<MemberAddResponse> answer) {
        List<String> urls;
        try {
            urls = PeerUrls.parse(request.getPeerURLsList());
        } catch (BadClusterException _) {
            answer.refused(Refusal.BAD_MEMBER_URLS);
            return;
        }
        long id = MemberId.added(urls, time.unixNanos() / 1_000_000_000);
        var added = new dev.cetera.cluster.Member(id, urls, "", List.of(), request.getIsLearner());
        var why = request.getIsLearner() ? capabilities().refusesLearners() : null;
        if (why == null) {
            why = whenStrict(() -> judge().add(added));
        }
        propose(
                why,
                requestId -> Members.add(requestId, added),
                answer,
                now -> answer.done(MemberAddResponse.newBuilder()
                        .setMember(message(added))
                        .addAllMembers(list(now))
                        .build()));
    }

    void remove(MemberRemoveRequest request, Answer<MemberRemoveResponse> answer) {
        propose(
                whenStrict(() -> judge().remove(request.getID())),
                requestId -> Members.remove(requestId, request.getID()),
                answer,
                now -> answer.done(MemberRemoveResponse.newBuilder()
                        .addAllMembers(list(now))
                        .build()));
    }

    /// URLs that can't be read would stop members of etcd; so they are refused here, where etcd takes them.
    void update(MemberUpdateRequest request, Answer<MemberUpdateResponse> answer) {
        var urls = new ArrayList<String>();
        try {
            for (var url : request.getPeerURLsList()) {
                urls.addAll(PeerUrls.parse(List.of(url)));
            }
        } catch (BadClusterException _) {
            urls.clear();
        }
        propose(
                urls.isEmpty() ? Refusal.BAD_MEMBER_URLS : null,
                requestId -> Members.update(requestId, request.getID(), urls),
                answer,
                now -> answer.done(MemberUpdateResponse.newBuilder()
                        .addAllMembers(list(now))
                        .build()));
    }

    /// Learners are made voters where the cluster's version has learners. A release that refuses to be a
    /// member of such a cluster has none to promote.
    void promote(MemberPromoteRequest request, Answer<MemberPromoteResponse> answer) {
        var why = capabilities().refusesLearners();
        answer.refused(why == null ? Refusal.MEMBER_NOT_LEARNER : why);
    }

    private Capabilities capabilities() {
        return new Capabilities(engine.membership().version());
    }

    private Reconfiguration judge() {
        return new Reconfiguration(engine.membership(), engine.memberId(), link::activeSince, time.nanos());
    }

    private @Nullable Refusal whenStrict(Supplier<@Nullable Refusal> judgement) {
        return config.clustering().caution() == Caution.STRICT ? judgement.get() : null;
    }

    private void propose(
            @Nullable Refusal beforehand,
            LongFunction<ConfChange> change,
            Answer<?> answer,
            Consumer<Membership> then) {
        if (beforehand != null) {
            answer.refused(beforehand);
            return;
        }
        engine.reconfigure(change, new Answer<>() {
            @Override
            public void done(Reconfigured outcome) {
                switch (outcome) {
                    case Reconfigured.Done(var now) -> then.accept(now);
                    case Reconfigured.Refused(var why) -> answer.refused(refusal(why));
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    private static Refusal refusal(MembershipRefusal why) {
        return switch (why) {
            case ID_REMOVED, ID_NOT_FOUND -> Refusal.MEMBER_NOT_FOUND;
            case ID_EXISTS -> Refusal.MEMBER_EXISTS;
            case PEER_URL_EXISTS -> Refusal.PEER_URL_EXISTS;
            case NOT_A_LEARNER -> Refusal.MEMBER_NOT_LEARNER;
            case TOO_MANY_LEARNERS -> Refusal.TOO_MANY_LEARNERS;
        };
    }
}
