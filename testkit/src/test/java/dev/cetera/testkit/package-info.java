/// Tests of what tests lean on.
@NullMarked
package dev.cetera.testkit;

import org.jspecify.annotations.NullMarked;
