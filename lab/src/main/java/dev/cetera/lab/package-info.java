/// The laboratory's front door: [Lab] is the program behind `bin/lab`.
@NullMarked
package dev.cetera.lab;

import org.jspecify.annotations.NullMarked;
