/// Tests.
@NullMarked
package dev.cetera.gateway;

import org.jspecify.annotations.NullMarked;
