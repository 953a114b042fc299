package dev.cetera.mvcc;

import java.util.List;

/// A stretch of the past, whole revisions in ascending order.
///
/// @param changes may lack revisions of which a compaction left nothing
/// @param next the first revision that is not covered; `revision + 1` when nothing is left to read
/// @param revision of the store when it was read
public record History(List<Changes> changes, long next, long revision) {}
