/// Tests of the load generator: its parts by themselves. Loads on real servers are what `bin/lab bench` is
/// for.
@NullMarked
package dev.cetera.lab.load;

import org.jspecify.annotations.NullMarked;
