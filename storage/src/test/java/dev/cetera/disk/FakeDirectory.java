package dev.cetera.disk;

import java.util.TreeMap;

/// A fake directory: its names as the process sees them, and those that a power loss would leave.
/// Guarded by the lock of its [FakeDisk].
final class FakeDirectory implements FakeNode {
    final TreeMap<String, FakeNode> entries = new TreeMap<>();
    final TreeMap<String, FakeNode> durable = new TreeMap<>();
}
