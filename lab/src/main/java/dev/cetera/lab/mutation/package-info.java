/// The product broken on purpose, to see that the simulator notices.
///
/// A [Mutation] is a small edit of the product's source: an old bug of etcd, or one that somebody might make.
/// They are written down as diffs, in the resources of this package. [BrokenProduct] makes the edit in memory,
/// compiles that file, and loads the whole product anew with it; [Trial] runs the simulation on it seed by
/// seed until a promise is seen to be broken. [MutationsCommand] does that for the whole list.
///
/// A diff that does not fit the source any more is a failure, too: so the list stays true to the code.
@NullMarked
package dev.cetera.lab.mutation;

import org.jspecify.annotations.NullMarked;
