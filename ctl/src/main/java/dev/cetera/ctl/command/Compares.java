package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.print.GoText;

/// Conditions of transactions, as they are typed: `mod("key") > "0"`.
final class Compares {
    private Compares() {}

    static Compare parse(String line) throws Failure {
        int open = line.indexOf('(');
        if (open < 0) {
            throw bad("malformed comparison: " + line);
        }
        var target = line.substring(0, open);
        var parts = new Parts();
        parts.read(line.substring(open + 1));
        if (parts.found < 3) {
            throw bad("malformed comparison: " + line + "; got " + target + "(" + GoText.quoted(parts.key) + ") "
                    + parts.operator + " " + GoText.quoted(parts.value));
        }
        var compare = Compare.newBuilder().setKey(parts.key);
        switch (target) {
            case "ver", "version" ->
                compare.setTarget(Compare.CompareTarget.VERSION).setVersion(number(parts.value, line));
            case "c", "create" ->
                compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(number(parts.value, line));
            case "m", "mod" -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(number(parts.value, line));
            case "val", "value" ->
                compare.setTarget(Compare.CompareTarget.VALUE).setValue(parts.value);
            case "lease" -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(lease(parts.value, line));
            default -> throw bad("malformed comparison: " + line + " (unknown target " + target + ")");
        }
        return compare.setResult(
                        switch (parts.operator) {
                            case "=" -> Compare.CompareResult.EQUAL;
                            case "!=" -> Compare.CompareResult.NOT_EQUAL;
                            case ">" -> Compare.CompareResult.GREATER;
                            case "<" -> Compare.CompareResult.LESS;
                            default ->
                                throw bad(
                                        "malformed comparison: " + line + " (unknown operator " + parts.operator + ")");
                        })
                .build();
    }

    private static long number(ByteString value, String line) throws Failure {
        try {
            return GoNumbers.parseLong(value.toStringUtf8(), 10);
        } catch (IllegalArgumentException e) {
            throw bad("invalid txn compare request: " + line);
        }
    }

    /// In hexadecimal, as leases are written everywhere else.
    private static long lease(ByteString value, String line) throws Failure {
        try {
            return GoNumbers.parseLong(value.toStringUtf8(), 16);
        } catch (IllegalArgumentException e) {
            throw bad("invalid txn compare request: " + line);
        }
    }

    private static Failure bad(String message) {
        return new Failure(Exit.INVALID_INPUT, message);
    }

    /// The three that stand behind the parenthesis, as far as they could be read.
    private static final class Parts {
        private ByteString key = ByteString.EMPTY;
        private String operator = "";
        private ByteString value = ByteString.EMPTY;
        private int found;

        void read(String text) {
            var first = Words.unquoted(text, 0);
            if (first.isEmpty()) {
                return;
            }
            key = first.get().value();
            found = 1;
            int at = first.get().end();
            if (at >= text.length() || text.charAt(at) != ')') {
                return;
            }
            int blank = at + 1;
            at = blanks(text, blank);
            if (at == blank) {
                return;
            }
            int end = at;
            while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
                end++;
            }
            if (end == at) {
                return;
            }
            operator = text.substring(at, end);
            found = 2;
            var second = Words.unquoted(text, blanks(text, end));
            if (second.isPresent()) {
                value = second.get().value();
                found = 3;
            }
        }

        private static int blanks(String text, int from) {
            int at = from;
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at;
        }
    }
}
