/// Keys of the v2 API made keys of v3, in the directory of a member that does not run, of Cetera or of etcd:
/// [LegacyTree] reads them from the log, [Migration] writes them into the database.
@NullMarked
package dev.cetera.ctl.migrate;

import org.jspecify.annotations.NullMarked;
