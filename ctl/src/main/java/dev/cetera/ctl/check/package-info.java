/// What `check` does: a [Load] is put on a cluster by [Writers], as fast as a [Pace] lets them, and judged by
/// its [Samples].
@NullMarked
package dev.cetera.ctl.check;

import org.jspecify.annotations.NullMarked;
