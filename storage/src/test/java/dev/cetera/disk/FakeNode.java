package dev.cetera.disk;

/// What a name in a fake directory stands for.
sealed interface FakeNode permits FakeContent, FakeDirectory {}
