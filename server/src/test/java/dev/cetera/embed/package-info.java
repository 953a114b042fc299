/// Tests and their fakes.
@NullMarked
package dev.cetera.embed;

import org.jspecify.annotations.NullMarked;
