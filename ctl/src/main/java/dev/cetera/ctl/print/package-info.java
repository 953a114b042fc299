/// What commands print. An [Answer] can be printed in each [Format] that it has; [GoJson], [GoText] and
/// [Table] write as Go's and etcdctl's libraries do, byte for byte, because scripts read it.
@NullMarked
package dev.cetera.ctl.print;

import org.jspecify.annotations.NullMarked;
