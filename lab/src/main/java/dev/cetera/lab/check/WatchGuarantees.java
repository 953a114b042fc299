package dev.cetera.lab.check;

import dev.cetera.lab.history.History;

/// The watch API's guarantees, each stream of each watch held against the story:
///
/// | guarantee | checker |
/// |---|---|
/// | created and cancelled once | [WatchLife] |
/// | unique | [WatchUnique] |
/// | ordered | [WatchOrdered] |
/// | filtered | [WatchFiltered] |
/// | what it tells is what happened, with `prev_kv` | [WatchExact] |
/// | atomic | [WatchAtomic] |
/// | compacted beginnings are cancelled | [WatchCompaction] |
/// | bookmarkable | [WatchBookmarkable] |
/// | reliable, resumable | [WatchReliable], by the names `WatchReliable` and `WatchResumable` |
///
/// One stream after the other, each from behind the last revision that the client knew, is one watch; so what
/// holds for each from where it began holds for the watch.
public final class WatchGuarantees {
    private WatchGuarantees() {}

    /// Holds every watch of a history against what happened.
    ///
    /// @param story of the same history, decided
    /// @throws Violation by the name of the guarantee that is broken
    public static void check(History history, Story story) {
        for (var watch : history.watches()) {
            for (int number = 0; number < watch.legs().size(); number++) {
                var following = new Following(history, story, watch, number);
                WatchLife.check(following);
                WatchUnique.check(following);
                WatchOrdered.check(following);
                WatchFiltered.check(following);
                WatchExact.check(following);
                WatchAtomic.check(following);
                WatchCompaction.check(following);
                WatchBookmarkable.check(following);
                WatchReliable.check(following);
            }
        }
    }
}
