@NullMarked
package dev.cetera.lab.campaign;

import org.jspecify.annotations.NullMarked;
