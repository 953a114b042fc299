/// Whether the simulated member keeps its promises, and whether the simulation would notice if it did not.
@NullMarked
package dev.cetera.lab.sim;

import org.jspecify.annotations.NullMarked;
