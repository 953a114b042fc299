package dev.cetera.lab.check;

/// A lease that ended by itself with a revision.
record LeaseEnd(long lease, long revision) {}
