/// Tests and their fakes.
@NullMarked
package dev.cetera.metrics;

import org.jspecify.annotations.NullMarked;
