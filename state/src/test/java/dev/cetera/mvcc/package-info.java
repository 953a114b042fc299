@NullMarked
package dev.cetera.mvcc;

import org.jspecify.annotations.NullMarked;
