package dev.cetera.gateway;

import io.grpc.Status;
import java.util.Locale;

/// What the gateways of two releases do differently.
enum Dialect {
    /// `/v3beta` and `/v3alpha`
    V3_3 {
        @Override
        int httpStatus(Status.Code code) {
            return switch (code) {
                case DEADLINE_EXCEEDED -> 408;
                case RESOURCE_EXHAUSTED -> 403;
                case FAILED_PRECONDITION -> 412;
                default -> usual(code);
            };
        }

        @Override
        String error(Status status) {
            return "{" + member("error", text(status), ",") + code(status) + "}";
        }

        @Override
        String streamText(Status status) {
            return "rpc error: code = " + goName(status.getCode()) + " desc = " + text(status);
        }
    },

    /// `/v3`, as of 3.4
    V3_4 {
        @Override
        int httpStatus(Status.Code code) {
            return switch (code) {
                case DEADLINE_EXCEEDED -> 504;
                case RESOURCE_EXHAUSTED -> 429;
                case FAILED_PRECONDITION -> 400;
                default -> usual(code);
            };
        }

        @Override
        String error(Status status) {
            var text = text(status);
            return "{" + member("error", text, ",") + member("message", text, ",") + code(status) + "}";
        }

        @Override
        String streamText(Status status) {
            return text(status);
        }
    };

    abstract int httpStatus(Status.Code code);

    /// The body of a refusal.
    abstract String error(Status status);

    /// How a stream's end is told within the stream.
    abstract String streamText(Status status);

    private static int usual(Status.Code code) {
        return switch (code) {
            case OK -> 200;
            case CANCELLED -> 408;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            default -> 500;
        };
    }

    private static String text(Status status) {
        var text = status.getDescription();
        return text == null ? "" : text;
    }

    private static String member(String name, String value, String end) {
        return value.isEmpty() ? "" : "\"" + name + "\":" + JsonText.string(value) + end;
    }

    private static String code(Status status) {
        return "\"code\":" + status.getCode().value();
    }

    /// `DeadlineExceeded` of `DEADLINE_EXCEEDED`
    private static String goName(Status.Code code) {
        if (code == Status.Code.CANCELLED) {
            return "Canceled"; // spelled in the other way
        }
        var name = new StringBuilder();
        for (var word : code.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
