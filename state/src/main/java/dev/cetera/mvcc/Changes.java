package dev.cetera.mvcc;

import java.util.List;

/// All changes of one revision, in order of execution.
///
/// @param revision main revision of the changes; with no events, the revision that stands unchanged
public record Changes(long revision, List<Event> events) {}
