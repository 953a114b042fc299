package dev.cetera.ctl.rpc;

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

    private static String goName(Status.Code code) {
        if (code == Status.Code.CANCELLED) {
            return "Canceled";
        }
        var name = new StringBuilder();
        for (var part : code.name().split("_", -1)) {
            name.append(part.charAt(0)).append(part.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return name.toString();
    }
}
