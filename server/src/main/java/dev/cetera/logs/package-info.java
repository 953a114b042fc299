/// etcd 3.3's log: lines of time, level, package and message on standard error, which tools search for fixed
/// texts.
///
/// Anything that logs through [System.Logger] (or java.util.logging) under one of etcd's package names,
/// `etcdserver/membership` say, appears here. [Log] adds the two levels that System.Logger lacks. [Logs]
/// installs it all, for a program that is a server and nothing else; an embedding application keeps its own
/// logging.
@NullMarked
package dev.cetera.logs;

import org.jspecify.annotations.NullMarked;
