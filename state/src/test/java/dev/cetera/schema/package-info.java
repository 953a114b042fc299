@NullMarked
package dev.cetera.schema;

import org.jspecify.annotations.NullMarked;
