/// Tests and their fakes.
@NullMarked
package dev.cetera.logs;

import org.jspecify.annotations.NullMarked;
