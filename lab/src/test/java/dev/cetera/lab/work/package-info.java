/// Tests of clients without a plan, against members that are a few maps.
@NullMarked
package dev.cetera.lab.work;

import org.jspecify.annotations.NullMarked;
