/// What a member keeps in its bolt file, bucket by bucket, and the changes on their way there.
///
/// Begin at [Backend]: the applier changes memory, the committer writes all that has gathered in one
/// transaction together with the index of the last entry in it, and readers see both parts as one. [Bucket]
/// names what there is, [Revision] and [KeyValue] are the key and the value of the one bucket that grows.
@NullMarked
package dev.cetera.schema;

import org.jspecify.annotations.NullMarked;
