/// Runs the benches that stand beside the hot classes, in the tests of their modules.
@NullMarked
package dev.cetera.lab.micro;

import org.jspecify.annotations.NullMarked;
