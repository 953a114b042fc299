/// What the tests of every module share. Knows nothing of Cetera.
@NullMarked
package dev.cetera.testkit;

import org.jspecify.annotations.NullMarked;
