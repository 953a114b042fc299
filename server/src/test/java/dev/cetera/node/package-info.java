/// Tests and their fakes.
@NullMarked
package dev.cetera.node;

import org.jspecify.annotations.NullMarked;
