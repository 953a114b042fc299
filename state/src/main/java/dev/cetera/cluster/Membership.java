package dev.cetera.cluster;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Members, former members and cluster version at one moment. Immutable.
///
/// @param members by ascending unsigned id
/// @param removed ids that can never come back
/// @param version null until the first leader has decided it
public record Membership(
        List<Member> members, Set<Long> removed, @Nullable ClusterVersion version) {
    static final Membership NONE = new Membership(List.of(), Set.of(), null);

    public Membership {
        members = List.copyOf(members);
        removed = Set.copyOf(removed);
    }

    public @Nullable Member member(long id) {
        for (var member : members) {
            if (member.id() == id) {
                return member;
            }
        }
        return null;
    }

    public @Nullable Member memberNamed(String name) {
        for (var member : members) {
            if (member.name().equals(name)) {
                return member;
            }
        }
        return null;
    }

    public boolean isRemoved(long id) {
        return removed.contains(id);
    }

    public List<Long> ids() {
        return members.stream().map(Member::id).toList();
    }
}
