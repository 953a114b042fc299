/// What a normal entry of the log holds. [EntryPayload#decode] tells the two kinds of requests apart exactly
/// as etcd does.
@NullMarked
package dev.cetera.entry;

import org.jspecify.annotations.NullMarked;
