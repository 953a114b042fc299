@NullMarked
package dev.cetera.client;

import org.jspecify.annotations.NullMarked;
