package dev.cetera.lease;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// The leases that are being counted down, as a binary heap with the earliest deadline on top (ties: smaller
/// id). Each lease knows its slot, so a renewal moves it in O(log n) without a search. Guarded by the lock of
/// its [Leases].
///
/// Invariants: `heap[i].slot == i` for i below size; no lease comes before its parent, `heap[(i - 1) / 2]`.
final class Deadlines {
    static final Comparator<Lease> EARLIEST_FIRST =
            Comparator.<Lease>comparingLong(lease -> lease.deadlineNanos).thenComparingLong(lease -> lease.id);

    private Lease[] heap = new Lease[16];
    private int size;

    int size() {
        return size;
    }

    /// Sets the deadline of a lease, which joins the queue if it isn't there yet.
    void schedule(Lease lease, long deadlineNanos) {
        lease.deadlineNanos = deadlineNanos;
        if (lease.slot == Lease.NOT_QUEUED) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size + (size >> 1));
            }
            place(lease, size++);
        }
        siftUp(lease);
        siftDown(lease);
    }

    void remove(Lease lease) {
        if (lease.slot == Lease.NOT_QUEUED) {
            return;
        }
        var last = heap[--size];
        var gap = lease.slot;
        lease.slot = Lease.NOT_QUEUED;
        if (last != lease) {
            place(last, gap);
            siftUp(last);
            siftDown(last);
        }
        clearAbove(size);
    }

    /// Takes over leases whose deadlines are already set, sorted by [#EARLIEST_FIRST]; a sorted array is a
    /// heap.
    void replaceAll(List<Lease> sorted) {
        clear();
        heap = sorted.toArray(new Lease[Math.max(16, sorted.size())]);
        size = sorted.size();
        for (int i = 0; i < size; i++) {
            heap[i].slot = i;
        }
    }

    /// Empties the queue; the leases keep their deadlines.
    void clear() {
        for (int i = 0; i < size; i++) {
            heap[i].slot = Lease.NOT_QUEUED;
        }
        heap = new Lease[16];
        size = 0;
    }

    /// The first `limit` leases whose time is up, earliest first. They stay queued. O(limit · log limit),
    /// however many there are.
    List<Lease> expired(long nowNanos, int limit) {
        var found = new ArrayList<Lease>();
        // Slots whose parents are in `found`: the next in order is always among them.
        var frontier = new PriorityQueue<Integer>((a, b) -> EARLIEST_FIRST.compare(heap[a], heap[b]));
        addIfExpired(frontier, 0, nowNanos);
        while (found.size() < limit && !frontier.isEmpty()) {
            int slot = frontier.remove();
            found.add(heap[slot]);
            addIfExpired(frontier, 2 * slot + 1, nowNanos);
            addIfExpired(frontier, 2 * slot + 2, nowNanos);
        }
        return found;
    }

    private void addIfExpired(Collection<Integer> frontier, int slot, long nowNanos) {
        if (slot < size && heap[slot].expired(nowNanos)) {
            frontier.add(slot);
        }
    }

    private void siftUp(Lease lease) {
        while (lease.slot > 0) {
            var parent = heap[(lease.slot - 1) / 2];
            if (EARLIEST_FIRST.compare(parent, lease) <= 0) {
                return;
            }
            swap(parent, lease);
        }
    }

    private void siftDown(Lease lease) {
        while (true) {
            int child = 2 * lease.slot + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && EARLIEST_FIRST.compare(heap[child + 1], heap[child]) < 0) {
                child++;
            }
            if (EARLIEST_FIRST.compare(lease, heap[child]) <= 0) {
                return;
            }
            swap(lease, heap[child]);
        }
    }

    private void swap(Lease a, Lease b) {
        int slot = a.slot;
        place(a, b.slot);
        place(b, slot);
    }

    private void place(Lease lease, int slot) {
        heap[slot] = lease;
        lease.slot = slot;
    }

    /// Lets go of what was in the array's first unused slot.
    private void clearAbove(int used) {
        Arrays.fill(heap, used, used + 1, null);
    }
}
