/// Every checker against right histories, which [dev.cetera.lab.check.Improvised] makes up, and against the
/// same with a wrong put in.
@NullMarked
package dev.cetera.lab.check;

import org.jspecify.annotations.NullMarked;
