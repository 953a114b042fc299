/// Tests of the state machine on a disk in memory.
@NullMarked
package dev.cetera.apply;

import org.jspecify.annotations.NullMarked;
