/// The commands, a class for each group of them. What all of them work with is a [Session]; what they can't do
/// is a [Failure] with etcdctl's exit code.
@NullMarked
package dev.cetera.ctl.command;

import org.jspecify.annotations.NullMarked;
