package dev.cetera.raft;

import java.util.Arrays;

/// The appends to one peer that are unanswered, each known by its last index, in order. Confined to its
/// machine.
final class Window {
    private static final int FIRST_CAPACITY = 8;

    private final int limit;
    private long[] ends;
    private int head;
    private int count;

    Window(int limit) {
        this.limit = limit;
        ends = new long[Math.min(limit, FIRST_CAPACITY)];
    }

    boolean isFull() {
        return count == limit;
    }

    void add(long end) {
        if (isFull()) {
            throw new IllegalStateException("more than " + limit + " appends in flight");
        }
        if (count == ends.length) {
            var wider = new long[Math.min(limit, ends.length * 2)];
            for (int i = 0; i < count; i++) {
                wider[i] = ends[(head + i) % ends.length];
            }
            ends = wider;
            head = 0;
        }
        ends[(head + count) % ends.length] = end;
        count++;
    }

    /// The peer has everything up to `index`.
    void freeTo(long index) {
        while (count > 0 && ends[head] <= index) {
            freeFirst();
        }
    }

    /// One place, for a peer that lives but doesn't acknowledge: its replies may have been lost.
    void freeFirst() {
        head = (head + 1) % ends.length;
        count--;
    }

    @Override
    public String toString() {
        var list = new long[count];
        Arrays.setAll(list, i -> ends[(head + i) % ends.length]);
        return Arrays.toString(list);
    }
}
