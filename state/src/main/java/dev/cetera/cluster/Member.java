package dev.cetera.cluster;

import dev.cetera.v2.V2FormatException;
import java.util.List;

/// One member, as all members know it. Immutable.
///
/// @param id         unsigned, never 0
/// @param peerUrls   where other members reach it
/// @param name       empty until its process has started and published itself
/// @param clientUrls empty until then
/// @param learner    gets the log but has no vote (clusters of version 3.4 and later)
public record Member(long id, List<String> peerUrls, String name, List<String> clientUrls, boolean learner) {
    public Member {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    /// A voter that has not published itself yet.
    public static Member of(long id, List<String> peerUrls, String name) {
        return new Member(id, peerUrls, name, List.of(), false);
    }

    /// Reads an array of members, each of the form that [#json] has, in the order of the text.
    ///
    /// @throws V2FormatException when the text is something else
    public static List<Member> listFromJson(String json) throws V2FormatException {
        return MemberJson.list(json);
    }

    /// What the member says of itself.
    public record Attributes(String name, List<String> clientUrls) {
        public Attributes {
            clientUrls = List.copyOf(clientUrls);
        }

        /// As `PUT /0/members/<id>/attributes` carries it.
        public String json() {
            return MemberJson.attributes(this);
        }
    }

    public boolean started() {
        return !name.isEmpty();
    }

    public Attributes attributes() {
        return new Attributes(name, clientUrls);
    }

    /// As in a conf change's context and in bucket `members`.
    public String json() {
        return MemberJson.member(this);
    }

    Member withAttributes(Attributes attributes) {
        return new Member(id, peerUrls, attributes.name(), attributes.clientUrls(), learner);
    }

    Member withPeerUrls(List<String> urls) {
        return new Member(id, urls, name, clientUrls, learner);
    }

    Member asVoter() {
        return new Member(id, peerUrls, name, clientUrls, false);
    }
}
