/// Whether what is broken on purpose is noticed, and whether breaking it works.
@NullMarked
package dev.cetera.lab.mutation;

import org.jspecify.annotations.NullMarked;
