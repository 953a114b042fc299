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

    COMPACTED(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    FUTURE_REVISION(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    LEASE_TTL_TOO_LARGE(Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),

    NO_SPACE(Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
    TOO_MANY_REQUESTS(Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),

    LEASE_NOT_FOUND(Code.NOT_FOUND, "etcdserver: requested lease not found"),
    MEMBER_NOT_FOUND(Code.NOT_FOUND, "etcdserver: member not found"),

    LEASE_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
    NOT_LEADER(Code.FAILED_PRECONDITION, "etcdserver: not leader"),

    NO_LEADER(Code.UNAVAILABLE, "etcdserver: no leader"),
    LEADER_CHANGED(Code.UNAVAILABLE, "etcdserver: leader changed"),
    NOT_CAPABLE(Code.UNAVAILABLE, "etcdserver: not capable"),
    STOPPED(Code.UNAVAILABLE, "etcdserver: server stopped"),
    TIMED_OUT(Code.UNAVAILABLE, "etcdserver: request timed out"),
    UNHEALTHY(Code.UNAVAILABLE, "etcdserver: unhealthy cluster"),

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

    public Status status() {
        return code.toStatus().withDescription(text);
    }
}
