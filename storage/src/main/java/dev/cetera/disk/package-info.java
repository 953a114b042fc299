/// The one door to files. [Disk] and [DiskFile] are all that storage knows of a file system, so that a whole
/// member can run on a fake one that loses what was not synced, tears sectors, fills up and breaks.
@NullMarked
package dev.cetera.disk;

import org.jspecify.annotations.NullMarked;
