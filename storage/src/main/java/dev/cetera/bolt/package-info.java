/// The bolt file: one ordered map per bucket in one file, page for page what bbolt writes, so that etcd and
/// its tools open ours and we open theirs.
///
/// Begin at [Bolt]. A commit never overwrites a page that an earlier one can see: it writes new pages, syncs,
/// writes the other of two meta pages, syncs again. So a reader needs no lock, and a power loss leaves the
/// state before or after. `Page` reads what is on disk and trusts nothing in it, `Node` is a page that
/// changes, `Tree` one bucket's nodes; `Spill` turns them into pages; `Freelist` knows which pages nobody
/// needs, `Version` who still reads what.
///
/// A file of which much is free gets shorter while it is used ([Shrinking]), in three steps that any commit
/// may take, each safe by itself whenever the power goes:
///
/// 1. `Sweep` has pages near the end rewritten, as if they had been changed. They find a place further down,
///    because free pages are taken from the lowest on; so this is a commit like any other.
/// 2. `Spill` lowers the high-water mark of the commit to where the file ends in free pages. A page is free
///    only when no version that is read and no meta page leads to it: what the commit before gave up still
///    waits. So the older meta page stays sound, and pages beyond the mark may be given out again as the file
///    grows.
/// 3. `Length` cuts the file, before a commit writes anything, down to what both meta pages and all readers
///    may look at. Both marks are on the disk by then; neither meta page ever points beyond the end of the
///    file.
///
/// Every version has its own mark, and nobody reads at or beyond it. So a mapping may be longer than the file,
/// although touching it there would end the process, and it needn't be made anew.
@NullMarked
package dev.cetera.bolt;

import org.jspecify.annotations.NullMarked;
