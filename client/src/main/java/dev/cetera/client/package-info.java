/// The client. Begin at [Client]: it has one part for each service, [KV], [Watch], [Lease], [Cluster],
/// [Maintenance], [Auth], [LockService] and [ElectionService]. Each is immutable and waits for its answers;
/// its `async()` has the same with futures, its `within(Duration)` the same with a time limit. An interrupt,
/// or cancelling the future, gives up a call. [Key] and [Value] are bytes, [KeyRange] says which keys, options
/// are small records with `with…`, [Op] and [Txn] are operations as values. What is not done is an
/// [EtcdException].
///
/// Requests are sent again only where doing them twice is as good as once, or where they surely never left. A
/// write whose answer was lost fails, and its [EtcdException#fate] says that nobody knows.
@NullMarked
package dev.cetera.client;

import org.jspecify.annotations.NullMarked;
