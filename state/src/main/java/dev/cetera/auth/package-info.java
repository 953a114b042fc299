/// Users, roles and what they may do with which keys: etcd's access control by roles. Begin at [Accounts],
/// which is replicated and stored; [Rights] is one moment of it, which any thread may ask. [Authorization] is
/// the one place that says what a request needs, at every depth of a transaction: a member asks it before it
/// proposes anything or reads, and `apply` asks it again before anything is changed.
///
/// The two don't ask for the same. What is refused when a request is applied must be refused by all members
/// alike, those of etcd 3.3 too, so there the rules are theirs, with their gaps; the gaps are closed at the
/// door, where a member decides for itself. A request that passed the door keeps the revision of the rights it
/// passed under, and is refused when it is applied under others.
///
/// The package stores nothing by itself (it hands rows to `apply`), knows no clock, and tells [Sessions] what
/// becomes of tokens.
@NullMarked
package dev.cetera.auth;

import org.jspecify.annotations.NullMarked;
