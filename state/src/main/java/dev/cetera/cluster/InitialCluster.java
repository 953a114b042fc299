package dev.cetera.cluster;

import dev.cetera.raft.ConfChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// The founding members as `--initial-cluster` names them. Immutable.
public final class InitialCluster {
    /// Sorted, checked URLs.
    private final SortedMap<String, List<String>> urlsByName;

    private InitialCluster(SortedMap<String, List<String>> urlsByName) {
        this.urlsByName = urlsByName;
    }

    /// Reads `name=url,name=url,…`; a name may come more than once, in any order.
    ///
    /// @throws BadClusterException if a URL is bad
    public static InitialCluster parse(String text) throws BadClusterException {
        var texts = new TreeMap<String, List<String>>();
        for (var part : text.split(",", -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                var name = equals < 0 ? part : part.substring(0, equals);
                var url = equals < 0 ? "" : part.substring(equals + 1);
                texts.computeIfAbsent(name, _ -> new ArrayList<>()).add(url);
            }
        }
        var urlsByName = new TreeMap<String, List<String>>();
        for (var entry : texts.entrySet()) {
            try {
                urlsByName.put(entry.getKey(), PeerUrls.parse(entry.getValue()));
            } catch (BadClusterException bad) {
                throw new BadClusterException("error setting up initial cluster: " + bad.getMessage());
            }
        }
        return new InitialCluster(urlsByName);
    }

    /// Checks that the local member is in it and no URL comes twice. When founding, [#checkAdvertised] goes
    /// between the two in etcd; whoever does both may do that first or last, only which of two mistakes is
    /// told depends on it.
    ///
    /// @throws BadClusterException with etcd's text
    public void check(String localName) throws BadClusterException {
        if (!urlsByName.containsKey(localName)) {
            throw new BadClusterException(
                    "couldn't find local name \"" + localName + "\" in the initial cluster configuration");
        }
        var seen = new HashSet<String>();
        for (var urls : urlsByName.values()) {
            for (var url : urls) {
                if (!seen.add(url)) {
                    throw new BadClusterException("initial cluster " + this + " has duplicate url");
                }
            }
        }
    }

    /// Checks that the local member advertises what the founding set says of it.
    ///
    /// @param advertised checked, as by [PeerUrls#parse]
    /// @param resolve    a URL with its host's name resolved to an address; the same URL where the host is
    ///                   one, or is `localhost`
    /// @throws BadClusterException with etcd's text if they aren't the same
    public void checkAdvertised(String localName, List<String> advertised, UnaryOperator<String> resolve)
            throws BadClusterException {
        var expected = urls(localName);
        var actual = advertised.stream().sorted().toList();
        var difference = difference(actual, expected, resolve);
        if (difference.isEmpty()) {
            return;
        }
        var missing = expected.stream()
                .filter(url -> !actual.contains(url))
                .map(url -> localName + "=" + url)
                .toList();
        var flag = String.join(",", actual);
        if (!missing.isEmpty()) {
            throw new BadClusterException("--initial-cluster has " + String.join(",", missing)
                    + " but missing from --initial-advertise-peer-urls=" + flag + " (" + difference + ")");
        }
        var named = String.join(
                ",", actual.stream().map(url -> localName + "=" + url).toList());
        var extra = actual.stream().filter(url -> !expected.contains(url)).toList();
        throw new BadClusterException(
                extra.isEmpty()
                        ? "failed to resolve " + flag + " to match --initial-cluster=" + named + " (" + difference + ")"
                        : "--initial-advertise-peer-urls has " + String.join(",", extra)
                                + " but missing from --initial-cluster=" + named);
    }

    /// Why two sorted lists of URLs aren't the same once resolved, in etcd's words; empty if they are.
    public static String difference(List<String> a, List<String> b, UnaryOperator<String> resolve) {
        if (a.size() != b.size()) {
            return "len(" + quoted(a) + ") != len(" + quoted(b) + ")";
        }
        var resolvedA = a.stream().map(resolve).sorted().toList();
        var resolvedB = b.stream().map(resolve).sorted().toList();
        for (int i = 0; i < a.size(); i++) {
            if (!resolvedA.get(i).equals(resolvedB.get(i))) {
                return "\"%s\"(resolved from \"%s\") != \"%s\"(resolved from \"%s\")"
                        .formatted(resolvedA.get(i), a.get(i), resolvedB.get(i), b.get(i));
            }
        }
        return "";
    }

    private static String quoted(List<String> urls) {
        return urls.isEmpty() ? "[]" : "[\"" + String.join("\" \"", urls) + "\"]";
    }

    /// Who the founders are.
    ///
    /// @param token `--initial-cluster-token`, or the whole discovery URL
    /// @throws BadClusterException if two would have the same id, or one none
    public Founding found(String token) throws BadClusterException {
        var members = new TreeMap<Long, Member>(Long::compareUnsigned);
        for (var entry : urlsByName.entrySet()) {
            var id = MemberId.founding(entry.getValue(), token);
            var member = Member.of(id, entry.getValue(), entry.getKey());
            if (id == 0) {
                throw new BadClusterException("cannot use 0 as member id");
            }
            if (members.put(id, member) != null) {
                throw new BadClusterException("member exists with identical ID " + MemberId.text(id));
            }
        }
        return new Founding(MemberId.cluster(members.keySet()), List.copyOf(members.values()));
    }

    /// Of one name, sorted; empty if the name isn't in it.
    public List<String> urls(String name) {
        return urlsByName.getOrDefault(name, List.of());
    }

    /// In order.
    public List<String> names() {
        return List.copyOf(urlsByName.keySet());
    }

    public boolean isEmpty() {
        return urlsByName.isEmpty();
    }

    /// As the flag takes it, sorted; what the log shows.
    @Override
    public String toString() {
        var pairs = new ArrayList<String>();
        urlsByName.forEach((name, urls) -> urls.forEach(url -> pairs.add(name + "=" + url)));
        pairs.sort(null);
        return String.join(",", pairs);
    }

    /// The founding set, equal on all founders.
    ///
    /// @param members by ascending unsigned id
    public record Founding(long clusterId, List<Member> members) {
        public Founding {
            members = List.copyOf(members);
        }

        /// The conf changes that every founder's log begins with: at term 1, from index 1, all of them
        /// committed.
        public List<ConfChange> confChanges() {
            return members.stream().map(member -> Members.add(0, member)).toList();
        }
    }
}
