package dev.cetera.api;

import io.grpc.Status;
import io.grpc.Status.Code;

/// Every answer by which a member says no, with etcd 3.3's text and gRPC code. Clients recognise a refusal by
/// its text, so the texts are part of the wire contract.
public enum Refusal {
    EMPTY_KEY(Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
    KEY_NOT_FOUND(Code.INVALID_ARGUMENT, "etcdserver: key not found"),
    VALUE_PROVIDED(Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
    LEASE_PROVIDED(Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
    TOO_MANY_OPS(Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
    DUPLICATE_KEY(Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
    BAD_MEMBER_URLS(Code.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid"),
    REQUEST_TOO_LARGE(Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
    USER_EMPTY(Code.INVALID_ARGUMENT, "etcdserver: user name is empty"),
    AUTH_FAILED(Code.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
    INVALID_AUTH_MANAGEMENT(Code.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
    /// In the words of etcd 3.4, for what stops the process of etcd 3.3.
    ROLE_EMPTY(Code.INVALID_ARGUMENT, "etcdserver: role name is empty"),
    /// In the words of etcd 3.4, for what stops the process of etcd 3.3.
    PERMISSION_NOT_GIVEN(Code.INVALID_ARGUMENT, "etcdserver: permission not given"),

    COMPACTED(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    FUTURE_REVISION(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    LEASE_TTL_TOO_LARGE(Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),

    NO_SPACE(Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
    TOO_MANY_REQUESTS(Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),

    LEASE_NOT_FOUND(Code.NOT_FOUND, "etcdserver: requested lease not found"),
    MEMBER_NOT_FOUND(Code.NOT_FOUND, "etcdserver: member not found"),

    LEASE_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
    NOT_LEADER(Code.FAILED_PRECONDITION, "etcdserver: not leader"),
    MEMBER_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: member ID already exist"),
    PEER_URL_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists"),
    MEMBER_NOT_LEARNER(Code.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"),
    LEARNER_NOT_READY(
            Code.FAILED_PRECONDITION, "etcdserver: can only promote a learner member which is in sync with leader"),
    TOO_MANY_LEARNERS(Code.FAILED_PRECONDITION, "etcdserver: too many learner members in cluster"),
    BAD_TRANSFEREE(Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),
    ROOT_USER_MISSING(Code.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
    ROOT_ROLE_MISSING(Code.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
    USER_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: user name already exists"),
    USER_NOT_FOUND(Code.FAILED_PRECONDITION, "etcdserver: user name not found"),
    ROLE_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: role name already exists"),
    ROLE_NOT_FOUND(Code.FAILED_PRECONDITION, "etcdserver: role name not found"),
    ROLE_NOT_GRANTED(Code.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
    PERMISSION_NOT_GRANTED(Code.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
    AUTH_NOT_ENABLED(Code.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),

    PERMISSION_DENIED(Code.PERMISSION_DENIED, "etcdserver: permission denied"),
    INVALID_TOKEN(Code.UNAUTHENTICATED, "etcdserver: invalid auth token"),

    /// Ours: etcd 3.3 has no learners and proposes them for nobody.
    LEARNERS_NEED_NEWER_CLUSTER(Code.FAILED_PRECONDITION, "etcdserver: learners need cluster version 3.4 or higher"),
    /// Ours: etcd 3.3 raises it for all, and members of 3.2 go on writing.
    CORRUPT_ALARM_NEEDS_NEWER_CLUSTER(
            Code.FAILED_PRECONDITION, "etcdserver: the alarm CORRUPT needs cluster version 3.3 or higher"),
    /// Ours: etcd 3.3 proposes such a transaction, and members of 3.2 then carry out another one.
    TXN_NEEDS_NEWER_CLUSTER(
            Code.FAILED_PRECONDITION,
            "etcdserver: nested transactions and compares of ranges or leases need cluster version 3.3 or higher"),

    NO_LEADER(Code.UNAVAILABLE, "etcdserver: no leader"),
    LEADER_CHANGED(Code.UNAVAILABLE, "etcdserver: leader changed"),
    NOT_CAPABLE(Code.UNAVAILABLE, "etcdserver: not capable"),
    STOPPED(Code.UNAVAILABLE, "etcdserver: server stopped"),
    TIMED_OUT(Code.UNAVAILABLE, "etcdserver: request timed out"),
    TIMED_OUT_LEADER_FAILED(Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to previous leader failure"),
    TIMED_OUT_CONNECTION_LOST(Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to connection lost"),
    UNHEALTHY(Code.UNAVAILABLE, "etcdserver: unhealthy cluster"),

    /// etcd 3.3 has no codes for what follows.
    TOO_FEW_STARTED(Code.UNKNOWN, "etcdserver: re-configuration failed due to not enough started members"),
    TIMED_OUT_TRANSFER(Code.UNKNOWN, "etcdserver: request timed out, leader transfer took too long"),
    OLD_AUTH_REVISION(Code.UNKNOWN, "auth: revision in header is old"),
    /// What maintenance says for [#USER_EMPTY], [#PERMISSION_DENIED], [#USER_NOT_FOUND] and [#INVALID_TOKEN].
    RAW_USER_EMPTY(Code.UNKNOWN, "auth: user name is empty"),
    RAW_PERMISSION_DENIED(Code.UNKNOWN, "auth: permission denied"),
    RAW_USER_NOT_FOUND(Code.UNKNOWN, "auth: user not found"),
    RAW_INVALID_TOKEN(Code.UNKNOWN, "auth: invalid auth token"),

    CORRUPT(Code.DATA_LOSS, "etcdserver: corrupt cluster");

    private final Code code;
    private final String text;

    Refusal(Code code, String text) {
        this.code = code;
        this.text = text;
    }

    public Code code() {
        return code;
    }

    public String text() {
        return text;
    }

    /// In the words of the maintenance service, which etcd 3.3 gives without the code.
    public Refusal raw() {
        return switch (this) {
            case USER_EMPTY -> RAW_USER_EMPTY;
            case PERMISSION_DENIED -> RAW_PERMISSION_DENIED;
            case USER_NOT_FOUND -> RAW_USER_NOT_FOUND;
            case INVALID_TOKEN -> RAW_INVALID_TOKEN;
            default -> this;
        };
    }

    public Status status() {
        return code.toStatus().withDescription(text);
    }
}
