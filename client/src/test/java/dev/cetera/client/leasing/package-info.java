@NullMarked
package dev.cetera.client.leasing;

import org.jspecify.annotations.NullMarked;
