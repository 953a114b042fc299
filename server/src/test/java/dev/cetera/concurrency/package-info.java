/// Tests.
@NullMarked
package dev.cetera.concurrency;

import org.jspecify.annotations.NullMarked;
