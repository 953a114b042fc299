/// What is made of keys and leases: a [Session] is a lease that is kept alive; [Mutex], [ReadWriteMutex] and
/// [Election] are queues of keys on one ([Place] is a place in such a queue, [PlaceLeases] what makes late
/// requests for one void); [Barrier], [DoubleBarrier], [DistributedQueue] and [PriorityQueue] meet and hand
/// over; [Stm] makes transactions out of code. Keys are laid out as etcd's own client does it, so that
/// programs in Java and Go can use the same ones.
@NullMarked
package dev.cetera.client.concurrency;

import org.jspecify.annotations.NullMarked;
