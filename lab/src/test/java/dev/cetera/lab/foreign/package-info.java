/// A running server, tried by programs that know nothing of it: jetcd, etcdctl, and a real etcd that takes
/// over its files.
///
/// Alone or as one member among real etcds: mixed clusters, by TLS too, upgrades, hand-overs, hostile peers.
/// The etcd of the path is Debian's 3.4; folders with more of them, each with an `etcd`, can be named in the
/// variable `CETERA_ETCD_BINARIES`, separated by colons. A 3.2 or 3.3 among them is upgraded to ours under
/// load.
///
/// The server is `bin/cetera`; `-Dcetera.server=etcd` puts a real etcd in its place, to try the tests
/// themselves.
@NullMarked
package dev.cetera.lab.foreign;

import org.jspecify.annotations.NullMarked;
