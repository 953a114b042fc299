@NullMarked
package dev.cetera.lab.proxy;

import org.jspecify.annotations.NullMarked;
