/// The bolt file: one ordered map per bucket in one file, page for page what bbolt writes, so that etcd and
/// its tools open ours and we open theirs.
///
/// Begin at [Bolt]. A commit never overwrites a page that an earlier one can see: it writes new pages, syncs,
/// writes the other of two meta pages, syncs again. So a reader needs no lock, and a power loss leaves the
/// state before or after. `Page` reads what is on disk and trusts nothing in it, `Node` is a page that
/// changes, `Tree` one bucket's nodes; `Spill` turns them into pages; `Freelist` knows which pages nobody
/// needs, `Version` who still reads what.
@NullMarked
package dev.cetera.bolt;

import org.jspecify.annotations.NullMarked;
