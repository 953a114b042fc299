/// Keys with their history: multi-version concurrency control as etcd's clients know it.
///
/// Begin at [Store]. The applier changes it through a [WriteTxn]; readers take a [View], which is one moment.
/// `KeyIndex` knows the revisions of every key, `Tail` the key-values not yet in the bolt file, the file has
/// all the rest. [Compaction] removes what is no longer asked for.
@NullMarked
package dev.cetera.mvcc;

import org.jspecify.annotations.NullMarked;
