/// Who belongs to the cluster, and which version the cluster has agreed on.
///
/// Begin at [Members]: it keeps both as keys of the legacy tree, where etcd 3.2 to 3.4 look for them, and
/// changes them when conf changes and member requests are applied. [Membership] is what it knows at one
/// moment. [MemberId] and [ClusterVersion] hold the rules of ids and versions; [InitialCluster] is the
/// founding set as an operator writes it, and what a new log begins with.
///
/// Rows for the buckets `members`, `members_removed` and `cluster` are answers ([BucketWrite]): `apply` writes
/// them.
@NullMarked
package dev.cetera.cluster;

import org.jspecify.annotations.NullMarked;
