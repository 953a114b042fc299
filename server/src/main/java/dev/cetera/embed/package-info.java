/// A member as one object ([Cetera]) for applications that embed it, and as a program ([Main]).
@NullMarked
package dev.cetera.embed;

import org.jspecify.annotations.NullMarked;
