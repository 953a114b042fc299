@NullMarked
package dev.cetera.client.transport;

import org.jspecify.annotations.NullMarked;
