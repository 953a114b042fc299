@NullMarked
package dev.cetera.compactor;

import org.jspecify.annotations.NullMarked;
