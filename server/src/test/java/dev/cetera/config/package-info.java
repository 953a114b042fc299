/// Tests and their fakes.
@NullMarked
package dev.cetera.config;

import org.jspecify.annotations.NullMarked;
