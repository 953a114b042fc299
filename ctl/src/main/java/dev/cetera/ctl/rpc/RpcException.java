package dev.cetera.ctl.rpc;

import dev.cetera.client.ConnectionException;
import dev.cetera.client.EtcdException;
import dev.cetera.client.RefusedException;
import dev.cetera.client.transport.CallFailure;
import io.grpc.Status;

/// A call that ended without an answer; the message is what etcd's own client says of it.
public final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RpcException(CallFailure failure) {
        super(told(failure), null, false, false);
    }

    private static String told(CallFailure failure) {
        var text = failure.text();
        return switch (failure.origin()) {
            case DEADLINE, CANCELED, CLOSED -> text;
            case REMOTE, LIMIT ->
                text.startsWith("etcdserver: ")
                        ? text
                        : "rpc error: code = " + goName(failure.status().getCode()) + " desc = " + text;
        };
    }

    /// The same words for a failure that the client told in its own types.
    public static String told(EtcdException failure) {
        return switch (failure) {
            case RefusedException _, ConnectionException _ ->
                failure.text().startsWith("etcdserver: ")
                        ? failure.text()
                        : "rpc error: code = " + goName(failure.code().name()) + " desc = " + failure.text();
            default -> failure.text();
        };
    }

    private static String goName(Status.Code code) {
        return code == Status.Code.CANCELLED ? "Canceled" : goName(code.name());
    }

    /// `NOT_FOUND` is `NotFound`.
    private static String goName(String code) {
        var name = new StringBuilder();
        for (var part : code.split("_", -1)) {
            name.append(part.charAt(0)).append(part.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return name.toString();
    }
}
