/// What holds for the source as a whole.
@NullMarked
package dev.cetera.lab;

import org.jspecify.annotations.NullMarked;
