/// A copy of keys somewhere else: [Mirror] hands over all there is at one revision, page by page, and then
/// every change after it.
@NullMarked
package dev.cetera.client.mirror;

import org.jspecify.annotations.NullMarked;
