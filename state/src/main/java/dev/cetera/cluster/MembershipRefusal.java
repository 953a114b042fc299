package dev.cetera.cluster;

/// Why a conf change is refused when it is applied. Every member refuses the same ones.
public enum MembershipRefusal {
    ID_REMOVED("membership: ID removed"),
    ID_EXISTS("membership: ID exists"),
    ID_NOT_FOUND("membership: ID not found"),
    PEER_URL_EXISTS("membership: peerURL exists"),
    NOT_A_LEARNER("membership: can only promote a learner member"),
    TOO_MANY_LEARNERS("membership: too many learner members in cluster");

    private final String text;

    MembershipRefusal(String text) {
        this.text = text;
    }

    /// etcd's text, which the v2 API shows as it is.
    public String text() {
        return text;
    }
}
