/// Reads that never go back in time: [OrderedKV] remembers the highest revision that it has seen, and asks
/// another member when one is behind it.
@NullMarked
package dev.cetera.client.ordering;

import org.jspecify.annotations.NullMarked;
