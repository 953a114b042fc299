package dev.cetera.config;

import dev.cetera.config.GoSyntax.BadLiteral;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The first members of a new cluster, as `--initial-cluster` names them. Only a member without data looks at
/// it. Immutable.
///
/// @param members sorted peer URLs by name
public record InitialCluster(Map<String, List<Url>> members) {
    /// A member cannot begin like this; the message is for the operator.
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    /// Reads and checks what the member of this configuration would found.
    public static InitialCluster of(Config config) throws Unusable {
        var cluster = parse(config.bootstrap().initialCluster());
        cluster.check(config);
        return cluster;
    }

    static InitialCluster parse(String text) throws Unusable {
        var members = new TreeMap<String, List<Url>>();
        for (var part : text.split(",", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            var name = equals < 0 ? part : part.substring(0, equals);
            if (equals < 0 || equals == part.length() - 1) {
                throw new Unusable("error setting up initial cluster: empty URL given for " + GoSyntax.quote(name));
            }
            try {
                members.computeIfAbsent(name, _ -> new ArrayList<>()).add(Url.parse(part.substring(equals + 1)));
            } catch (BadLiteral bad) {
                throw new Unusable("error setting up initial cluster: " + bad.getMessage());
            }
        }
        members.replaceAll((_, urls) -> urls.stream().sorted().toList());
        return new InitialCluster(members);
    }

    private void check(Config config) throws Unusable {
        if (members.isEmpty()) {
            throw new Unusable("initial cluster unset and no discovery URL found");
        }
        var own = members.get(config.name());
        if (own == null) {
            throw new Unusable("couldn't find local name " + GoSyntax.quote(config.name())
                    + " in the initial cluster configuration");
        }
        var seen = new HashSet<Url>();
        if (!members.values().stream().flatMap(List::stream).allMatch(seen::add)) {
            throw new Unusable("initial cluster " + this + " has duplicate url");
        }
        checkAdvertised(config.name(), own, config.addresses().advertisePeer());
        if (members.size() > 1) {
            throw new Unusable("--initial-cluster=" + config.bootstrap().initialCluster()
                    + ": this version runs single-member clusters only");
        }
    }

    private static void checkAdvertised(String name, List<Url> own, List<Url> advertised) throws Unusable {
        var difference = difference(advertised, own);
        if (difference.isEmpty()) {
            return;
        }
        var absent = own.stream().filter(url -> !advertised.contains(url)).toList();
        if (!absent.isEmpty()) {
            throw new Unusable(
                    "--initial-cluster has " + named(name, absent) + " but missing from --initial-advertise-peer-urls="
                            + Url.join(advertised) + " (" + difference + ")");
        }
        var surplus = advertised.stream().filter(url -> !own.contains(url)).toList();
        throw new Unusable("--initial-advertise-peer-urls has " + Url.join(surplus)
                + " but missing from --initial-cluster=" + named(name, own) + " (" + difference + ")");
    }

    private static String named(String name, List<Url> urls) {
        return urls.stream().map(url -> name + "=" + url).collect(Collectors.joining(","));
    }

    /// Why the two lists are not the same addresses, or nothing.
    private static String difference(List<Url> one, List<Url> other) {
        if (one.size() != other.size()) {
            return "len(" + quoted(one) + ") != len(" + quoted(other) + ")";
        }
        for (int i = 0; i < one.size(); i++) {
            var left = resolved(one.get(i));
            var right = resolved(other.get(i));
            if (!left.equals(right)) {
                return GoSyntax.quote(left.toString()) + "(resolved from "
                        + GoSyntax.quote(one.get(i).toString()) + ") != "
                        + GoSyntax.quote(right.toString()) + "(resolved from "
                        + GoSyntax.quote(other.get(i).toString()) + ")";
            }
        }
        return "";
    }

    private static String quoted(List<Url> urls) {
        return urls.stream().map(url -> GoSyntax.quote(url.toString())).collect(Collectors.joining(" ", "[", "]"));
    }

    /// `localhost` and literals stand for themselves; so does a name that does not resolve.
    private static Url resolved(Url url) {
        if (url.host().equals("localhost") || url.host().isEmpty()) {
            return url;
        }
        try {
            return new Url(url.scheme(), InetAddress.getByName(url.host()).getHostAddress(), url.port());
        } catch (UnknownHostException unknown) {
            return url;
        }
    }

    /// As `--initial-cluster` would have it, members in order of name.
    @Override
    public String toString() {
        return members.entrySet().stream()
                .map(member -> named(member.getKey(), member.getValue()))
                .collect(Collectors.joining(","));
    }
}
