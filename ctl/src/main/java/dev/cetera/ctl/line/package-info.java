/// Command lines as etcdctl reads them: a tree of [Command]s with [Flag]s, found and read by [CommandLine],
/// explained by [Help]. What is wrong with a line, and in which words, is etcdctl's too.
@NullMarked
package dev.cetera.ctl.line;

import org.jspecify.annotations.NullMarked;
