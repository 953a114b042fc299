/// A running server, tried by programs that know nothing of it: jetcd, etcdctl, and a real etcd that takes
/// over its files.
///
/// The server is `bin/cetera`; `-Dcetera.server=etcd` puts a real etcd in its place, to try the tests
/// themselves.
@NullMarked
package dev.cetera.lab.foreign;

import org.jspecify.annotations.NullMarked;
