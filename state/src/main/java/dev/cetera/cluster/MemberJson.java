package dev.cetera.cluster;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.cetera.v2.GoJson;
import dev.cetera.v2.V2FormatException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The JSON of members, field for field as Go's encoder writes it:
/// `{"id":1,"peerURLs":["http://…"],"isLearner":true,"name":"m1","clientURLs":["http://…"]}`.
/// What is empty or false is left out, except id and peer URLs. Read in any order, names in any case, unknown
/// ones skipped.
final class MemberJson {
    private MemberJson() {}

    static String member(Member member) {
        var out = new StringBuilder("{\"id\":").append(Long.toUnsignedString(member.id()));
        raftFields(out.append(','), member);
        attributeFields(out, member.attributes(), ",");
        return out.append('}').toString();
    }

    /// The part of a member that raft needs, as it stands in the tree.
    static String raftAttributes(Member member) {
        var out = new StringBuilder("{");
        raftFields(out, member);
        return out.append('}').toString();
    }

    static String attributes(Member.Attributes attributes) {
        var out = new StringBuilder("{");
        attributeFields(out, attributes, "");
        return out.append('}').toString();
    }

    private static void raftFields(StringBuilder out, Member member) {
        GoJson.quoteAll(out.append("\"peerURLs\":"), member.peerUrls());
        if (member.learner()) {
            out.append(",\"isLearner\":true");
        }
    }

    private static void attributeFields(StringBuilder out, Member.Attributes attributes, String separator) {
        var before = separator;
        if (!attributes.name().isEmpty()) {
            GoJson.quote(out.append(before).append("\"name\":"), attributes.name());
            before = ",";
        }
        if (!attributes.clientUrls().isEmpty()) {
            GoJson.quoteAll(out.append(before).append("\"clientURLs\":"), attributes.clientUrls());
        }
    }

    /// What a conf change says of a member.
    ///
    /// @param promote the member exists and is to get its vote; nothing else is said of it
    record Context(Member member, boolean promote) {}

    /// Reads any of the forms above; what isn't there is empty, 0 or false.
    static Context read(String json) throws V2FormatException {
        var in = new JsonReader(new StringReader(json));
        in.setStrictness(Strictness.STRICT);
        try {
            var context = read(in);
            if (in.peek() != JsonToken.END_DOCUMENT) {
                throw new V2FormatException("something follows the member in " + json);
            }
            return context;
        } catch (V2FormatException e) {
            throw e;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            // The last two are how the JSON library reports a value of the wrong kind.
            throw new V2FormatException("not a member: " + json, e);
        }
    }

    /// Reads an array of members.
    static List<Member> list(String json) throws V2FormatException {
        var in = new JsonReader(new StringReader(json));
        in.setStrictness(Strictness.STRICT);
        try {
            var members = new ArrayList<Member>();
            in.beginArray();
            while (in.hasNext()) {
                members.add(read(in).member());
            }
            in.endArray();
            if (in.peek() != JsonToken.END_DOCUMENT) {
                throw new V2FormatException("something follows the members");
            }
            return members;
        } catch (V2FormatException e) {
            throw e;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new V2FormatException("no list of members", e);
        }
    }

    private static Context read(JsonReader in) throws IOException {
        long id = 0;
        List<String> peerUrls = List.of();
        var name = "";
        List<String> clientUrls = List.of();
        boolean learner = false;
        boolean promote = false;
        in.beginObject();
        while (in.hasNext()) {
            var field = in.nextName().toLowerCase(Locale.ROOT);
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                continue;
            }
            switch (field) {
                case "id" -> id = Long.parseUnsignedLong(in.nextString());
                case "peerurls" -> peerUrls = strings(in);
                case "name" -> name = in.nextString();
                case "clienturls" -> clientUrls = strings(in);
                case "islearner" -> learner = in.nextBoolean();
                case "ispromote" -> promote = in.nextBoolean();
                default -> in.skipValue();
            }
        }
        in.endObject();
        return new Context(new Member(id, peerUrls, name, clientUrls, learner), promote);
    }

    private static List<String> strings(JsonReader in) throws IOException {
        var strings = new ArrayList<String>();
        in.beginArray();
        while (in.hasNext()) {
            strings.add(in.nextString());
        }
        in.endArray();
        return strings;
    }
}
