/// Tests of watching: the hub against an obvious twin, and the parts it is made of against theirs.
@NullMarked
package dev.cetera.watch;

import org.jspecify.annotations.NullMarked;
