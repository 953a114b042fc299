package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.ctl.line.CommandLine;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.GoText;
import dev.cetera.ctl.print.Ranges;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/// What the words and flags of `get`, `put` and `del` ask for, as commands and in transactions.
final class KeyRequests {
    static final Flag[] GET = {
        Flag.text("consistency", "l", "Linearizable(l) or Serializable(s)"),
        Flag.text("order", "", "Order of results; ASCEND or DESCEND (ASCEND by default)"),
        Flag.text("sort-by", "", "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION"),
        Flag.number("limit", 0, "Maximum number of results"),
        Flag.bool("prefix", false, "Get keys with matching prefix"),
        Flag.bool("from-key", false, "Get keys that are greater than or equal to the given key using byte compare"),
        Flag.number("rev", 0, "Specify the kv revision"),
        Flag.bool("keys-only", false, "Get only the keys"),
        Flag.bool("print-value-only", false, "Only write values when using the \"simple\" output format")
    };
    static final Flag[] PUT = {
        Flag.text("lease", "0", "lease ID (in hexadecimal) to attach to the key"),
        Flag.bool("prev-kv", false, "return the previous key-value pair before modification"),
        Flag.bool("ignore-value", false, "updates the key using its current value"),
        Flag.bool("ignore-lease", false, "updates the key using its current lease")
    };
    static final Flag[] DELETE = {
        Flag.bool("prefix", false, "delete keys with matching prefix"),
        Flag.bool("prev-kv", false, "return deleted key-value pairs"),
        Flag.bool("from-key", false, "delete keys that are greater than or equal to the given key using byte compare")
    };

    private KeyRequests() {}

    private record Span(ByteString key, ByteString end) {}

    private static Span span(CommandLine<?> line) throws Failure {
        var words = line.words();
        boolean prefix = line.flags().is("prefix");
        boolean fromKey = line.flags().is("from-key");
        if (words.size() > 1 && (prefix || fromKey)) {
            throw Failure.badArguments(
                    "too many arguments, only accept one argument when `--prefix` or `--from-key`" + " is set.");
        }
        var key = ByteString.copyFromUtf8(words.getFirst());
        if (words.size() > 1) {
            return new Span(key, ByteString.copyFromUtf8(words.get(1)));
        }
        if (prefix && !key.isEmpty()) {
            return new Span(key, Ranges.prefixEnd(key));
        }
        return prefix || fromKey
                ? new Span(key.isEmpty() ? Ranges.NO_END : key, Ranges.NO_END)
                : new Span(key, ByteString.EMPTY);
    }

    private static void notBoth(CommandLine<?> line) throws Failure {
        if (line.flags().is("prefix") && line.flags().is("from-key")) {
            throw Failure.badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one.");
        }
    }

    static RangeRequest get(CommandLine<?> line) throws Failure {
        var flags = line.flags();
        if (line.words().isEmpty()) {
            throw Failure.badArguments("range command needs arguments.");
        }
        notBoth(line);
        var consistency = flags.text("consistency");
        if (!consistency.equals("s") && !consistency.equals("l")) {
            throw new Failure(Exit.BAD_FEATURE, "unknown consistency flag " + GoText.quoted(consistency));
        }
        var span = span(line);
        var order = order(flags.text("order"));
        var target = target(flags.text("sort-by"));
        if (target == RangeRequest.SortTarget.KEY && order == RangeRequest.SortOrder.ASCEND) {
            order = RangeRequest.SortOrder.NONE; // the order that answers have anyway
        }
        return RangeRequest.newBuilder()
                .setKey(span.key())
                .setRangeEnd(span.end())
                .setSerializable(consistency.equals("s"))
                .setLimit(flags.number("limit"))
                .setRevision(Math.max(0, flags.number("rev")))
                .setSortOrder(order)
                .setSortTarget(target)
                .setKeysOnly(flags.is("keys-only"))
                .build();
    }

    private static RangeRequest.SortOrder order(String name) throws Failure {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "ASCEND" -> RangeRequest.SortOrder.ASCEND;
            case "DESCEND" -> RangeRequest.SortOrder.DESCEND;
            case "" -> RangeRequest.SortOrder.NONE;
            default -> throw new Failure(Exit.BAD_FEATURE, "bad sort order " + name);
        };
    }

    private static RangeRequest.SortTarget target(String name) throws Failure {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "CREATE" -> RangeRequest.SortTarget.CREATE;
            case "KEY", "" -> RangeRequest.SortTarget.KEY;
            case "MODIFY" -> RangeRequest.SortTarget.MOD;
            case "VALUE" -> RangeRequest.SortTarget.VALUE;
            case "VERSION" -> RangeRequest.SortTarget.VERSION;
            default -> throw new Failure(Exit.BAD_FEATURE, "bad sort target " + name);
        };
    }

    /// @param in where the value comes from if it is no argument
    static PutRequest put(CommandLine<?> line, InputStream in) throws Failure, IOException {
        var flags = line.flags();
        var words = line.words();
        var needed = "put command needs 1 argument and input from stdin or 2 arguments.";
        if (words.isEmpty()) {
            throw Failure.badArguments(needed);
        }
        var value = ByteString.EMPTY;
        if (flags.is("ignore-value")) {
            if (words.size() > 1) {
                throw Failure.badArguments("put command needs only 1 argument when 'ignore-value' is set.");
            }
        } else if (words.size() > 1) {
            value = ByteString.copyFromUtf8(words.get(1));
        } else {
            value = ByteString.readFrom(in);
            if (value.isEmpty()) {
                throw Failure.badArguments(needed);
            }
        }
        long lease =
                Session.number(flags.text("lease"), Exit.BAD_ARGUMENTS, "bad lease ID (", "), expecting ID in Hex", 16);
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(words.getFirst()))
                .setValue(value)
                .setLease(lease)
                .setPrevKv(flags.is("prev-kv"))
                .setIgnoreValue(flags.is("ignore-value"))
                .setIgnoreLease(flags.is("ignore-lease"))
                .build();
    }

    static DeleteRangeRequest delete(CommandLine<?> line) throws Failure {
        if (line.words().isEmpty() || line.words().size() > 2) {
            throw Failure.badArguments("del command needs one argument as key and an optional argument as range_end.");
        }
        notBoth(line);
        var span = span(line);
        return DeleteRangeRequest.newBuilder()
                .setKey(span.key())
                .setRangeEnd(span.end())
                .setPrevKv(line.flags().is("prev-kv"))
                .build();
    }
}
