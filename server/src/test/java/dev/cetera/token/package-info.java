/// Tests of tokens. The keys among the resources were made for them.
@NullMarked
package dev.cetera.token;

import org.jspecify.annotations.NullMarked;
