/// Tests and their fakes.
@NullMarked
package dev.cetera.http;

import org.jspecify.annotations.NullMarked;
