package dev.cetera.config;

import dev.cetera.config.ConfigFile.BadFile;
import dev.cetera.config.GoSyntax.BadLiteral;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// A YAML text as a tree of values. Plain words mean what they mean to etcd, which reads YAML 1.1: `yes` and
/// `off` are booleans, `0x10` and `010` numbers, and `1e3` without a sign is a word. JSON is YAML.
final class YamlText {
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
    private static final Pattern FRACTION = Pattern.compile("[-+]?[0-9]*\\.?[0-9]+([eE][-+][0-9]+)?");
    private static final Pattern LIKE_NUMBER = Pattern.compile("[-+]?[0-9][0-9a-fA-FxXoObB_]*");
    /// Go writes larger ones with an exponent.
    private static final BigDecimal LARGEST = new BigDecimal(BigInteger.TEN.pow(21));
    /// Deeper ones are somebody's game.
    private static final int MAX_DEPTH = 20;

    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setAllowDuplicateKeys(true).build();

    private YamlText() {}

    /// One value of the tree.
    sealed interface Value {
        record Null() implements Value {}

        record Bool(boolean on) implements Value {}

        /// A number.
        ///
        /// @param text in base 10
        record Figure(String text) implements Value {}

        record Text(String text) implements Value {}

        record Items(List<Value> all) implements Value {}

        record Fields(Map<String, Value> all) implements Value {}
    }

    /// The first document of a text.
    static Value parse(String text) throws BadFile {
        try {
            requireShallow(text);
            for (var document : new Compose(SETTINGS).composeAllFromString(text)) {
                return value(document, 0);
            }
            return new Value.Null();
        } catch (MarkedYamlEngineException bad) {
            var at = bad.getProblemMark().map(mark -> "line " + (mark.getLine() + 1) + ": ");
            throw new BadFile("error converting YAML to JSON: yaml: " + at.orElse("") + bad.getProblem());
        } catch (YamlEngineException bad) {
            throw new BadFile("error converting YAML to JSON: yaml: " + bad.getMessage());
        }
    }

    /// The library composes by recursion, as deep as the text says.
    private static void requireShallow(String text) throws BadFile {
        int depth = 0;
        for (var event : new Parse(SETTINGS).parseString(text)) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> requireShallow(++depth);
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
        }
    }

    private static void requireShallow(int depth) throws BadFile {
        if (depth > MAX_DEPTH) {
            throw new BadFile("error converting YAML to JSON: yaml: nested more than " + MAX_DEPTH + " levels deep");
        }
    }

    private static Value value(Node node, int depth) throws BadFile {
        requireShallow(depth); // with what aliases stand for
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar);
            case SequenceNode sequence -> {
                var items = new ArrayList<Value>();
                for (var item : sequence.getValue()) {
                    items.add(value(item, depth + 1));
                }
                yield new Value.Items(items);
            }
            case MappingNode mapping -> {
                var fields = new LinkedHashMap<String, Value>();
                for (var field : mapping.getValue()) {
                    if (!(field.getKeyNode() instanceof ScalarNode key)) {
                        throw new BadFile("error converting YAML to JSON: yaml: a key that is no word");
                    }
                    fields.put(key.getValue(), value(field.getValueNode(), depth + 1));
                }
                yield new Value.Fields(fields);
            }
            default -> throw new BadFile("error converting YAML to JSON: yaml: an alias without its anchor");
        };
    }

    private static Value scalar(ScalarNode scalar) {
        var text = scalar.getValue();
        if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
            return new Value.Text(text);
        }
        if (NULLS.contains(text)) {
            return new Value.Null();
        }
        if (TRUE.contains(text) || FALSE.contains(text)) {
            return new Value.Bool(TRUE.contains(text));
        }
        if (LIKE_NUMBER.matcher(text).matches()) {
            try {
                boolean negative = text.startsWith("-");
                long magnitude = GoSyntax.unsigned(text.replaceFirst("^[-+]", ""));
                return new Value.Figure((negative ? "-" : "") + Long.toUnsignedString(magnitude));
            } catch (BadLiteral _) {
                return text.matches("[-+]?[0-9]+") ? rounded(text) : new Value.Text(text);
            }
        }
        return FRACTION.matcher(text).matches() ? rounded(text) : new Value.Text(text);
    }

    /// What is no whole number of 64 bits is a floating-point one.
    private static Value rounded(String text) {
        var number = new BigDecimal(Double.toString(Double.parseDouble(text)));
        boolean whole = number.stripTrailingZeros().scale() <= 0 && number.abs().compareTo(LARGEST) < 0;
        return new Value.Figure(whole ? number.toBigInteger().toString() : number.toString());
    }
}
