/// Tests of what runs the benches, and that the benches run.
@NullMarked
package dev.cetera.lab.micro;

import org.jspecify.annotations.NullMarked;
