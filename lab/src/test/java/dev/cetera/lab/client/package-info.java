/// Our own client on real members, ours and etcd's.
@NullMarked
package dev.cetera.lab.client;

import org.jspecify.annotations.NullMarked;
