@NullMarked
package dev.cetera.peer;

import org.jspecify.annotations.NullMarked;
