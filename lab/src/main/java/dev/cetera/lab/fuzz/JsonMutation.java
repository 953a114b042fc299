package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/// Changes one token of a JSON text, or a whole value, and leaves the rest as it is.
final class JsonMutation implements Mutation {
    static final JsonMutation ONCE = new JsonMutation();

    private static final Pattern TOKEN = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"|[-+.\\w]+|\\s+|.", Pattern.DOTALL);
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "{}",
            "[]",
            "0",
            "-1",
            "1e999",
            "-0.5",
            "18446744073709551615",
            "18446744073709551616",
            "9223372036854775808",
            "2147483648",
            "NaN",
            "01",
            "\"\"",
            "\"/\"",
            "\"..\"",
            "\"a/b\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"+1\"",
            "\"http://[::1]:1,%\"",
            "\"0001-01-01T00:00:00Z\"",
            "\"-999999999-01-01T00:00:00+18:00\"",
            "\"+999999999-12-31T23:59:59Z\"");

    private JsonMutation() {}

    @Override
    public byte[] apply(byte[] input, Random random) {
        var tokens = tokens(new String(input, UTF_8));
        if (tokens.isEmpty()) {
            return Havoc.ONCE.apply(input, random);
        }
        int at = random.nextInt(tokens.size());
        int end = valueEnd(tokens, at);
        switch (random.nextInt(9)) {
            case 0 -> tokens.set(at, pick(random));
            case 1 -> tokens.subList(at, end).clear();
            case 2 -> tokens.addAll(at, List.copyOf(tokens.subList(at, end)));
            case 3 -> Collections.swap(tokens, at, random.nextInt(tokens.size()));
            case 4 -> {
                tokens.subList(at, end).clear();
                tokens.add(at, pick(random));
            }
            case 5 -> tokens.set(at, deep("[", 1 << random.nextInt(13)) + tokens.get(at));
            case 6 -> tokens.set(at, deep("{\"Children\":{\"a\":", 1 << random.nextInt(11)) + tokens.get(at));
            case 7 -> tokens.set(at, tokens.get(at).toUpperCase(java.util.Locale.ROOT));
            default -> {
                byte[] changed = Havoc.ONCE.apply(tokens.get(at).getBytes(UTF_8), random);
                tokens.set(at, new String(changed, UTF_8));
            }
        }
        return String.join("", tokens).getBytes(UTF_8);
    }

    private static String pick(Random random) {
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    private static String deep(String open, int depth) {
        return open.repeat(depth);
    }

    private static List<String> tokens(String text) {
        var tokens = new ArrayList<String>();
        var match = TOKEN.matcher(text);
        while (match.find()) {
            tokens.add(match.group());
        }
        return tokens;
    }

    /// Where the object or array that begins at a token ends; one token for anything else.
    private static int valueEnd(List<String> tokens, int from) {
        int depth = 0;
        for (int i = from; i < tokens.size(); i++) {
            switch (tokens.get(i)) {
                case "{", "[" -> depth++;
                case "}", "]" -> depth--;
                default -> {}
            }
            if (depth <= 0) {
                return i + 1;
            }
        }
        return tokens.size();
    }
}
