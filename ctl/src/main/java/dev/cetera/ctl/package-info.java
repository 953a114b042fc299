/// `ceteractl`: etcdctl 3.3's v3 commands for the JVM. [Main] is the program, [Ctl] one run of it: it reads
/// the command line ([dev.cetera.ctl.line]), gives the command ([dev.cetera.ctl.command]) what it works with,
/// and turns its failure into a text and an exit code. Answers of members come as they were sent
/// ([dev.cetera.ctl.rpc]) and are printed in the form that was asked for ([dev.cetera.ctl.print]).
@NullMarked
package dev.cetera.ctl;

import org.jspecify.annotations.NullMarked;
