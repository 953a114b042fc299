/// Certificates of every kind, and what is made of them.
@NullMarked
package dev.cetera.tls;

import org.jspecify.annotations.NullMarked;
