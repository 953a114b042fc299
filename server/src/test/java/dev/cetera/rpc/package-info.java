/// Tests and their fakes.
@NullMarked
package dev.cetera.rpc;

import org.jspecify.annotations.NullMarked;
