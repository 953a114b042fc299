/// A part of the keys as if it were all of them: [Namespace] puts a prefix before every key that goes out, and
/// takes it from every key that comes back.
@NullMarked
package dev.cetera.client.namespace;

import org.jspecify.annotations.NullMarked;
