@NullMarked
package dev.cetera.auth;

import org.jspecify.annotations.NullMarked;
