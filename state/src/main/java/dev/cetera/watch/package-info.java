/// Watching, as a machine without threads, sockets or clocks.
///
/// The applier appends each revision's changes to the [EventRing] and is done. Everything else belongs to the
/// [Hub], which one thread drives: it matches changes against [Interest]s (what is watched, whoever watches
/// it), and hands every watcher's [Response]s to its stream's [Outlet].
///
/// A watcher is **in step** (fed from the ring, revision by revision), **waiting** (for a revision still to
/// come) or **behind** (a new one that starts in the past, or one whose client does not read). Watchers behind
/// are fed page by page from the ring or, where that no longer reaches, from the [Past]; a page is a
/// [CatchUp], which may be read on any thread.
///
/// The invariant that makes changing over exact: every watcher has one number, the next revision it has not
/// been given. All that matches below it has been handed to its stream, nothing at or above it has. Only the
/// hub's thread moves that number, together with the hand-over, so a revision reaches a watcher through the
/// ring or through a page, never both and never neither.
@NullMarked
package dev.cetera.watch;

import org.jspecify.annotations.NullMarked;
